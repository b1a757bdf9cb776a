package rehearsal

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

// FaultKind is something that goes wrong at a site.
type FaultKind string

// The kinds of fault.
const (
	// VCenterDown: connections to the vCenter are refused and reset. At Start
	// it waits for the first machine to have power; Inject begins it at once.
	VCenterDown FaultKind = "vcenter-down"
	// VCenterSlow: every call to the vCenter takes Delay longer.
	VCenterSlow FaultKind = "vcenter-slow"
	// LoginRefused: the vCenter takes the credentials for wrong ones.
	LoginRefused FaultKind = "login-refused"
	// TemplateMissing: the templates are not in the inventory.
	TemplateMissing FaultKind = "template-missing"
	// NoAddress: machines that match Pattern get no address by DHCP.
	NoAddress FaultKind = "no-address"
	// NeverJoins: machines that match Pattern hang before they join.
	NeverJoins FaultKind = "never-joins"
	// DatastoreFull: clones fail for want of space, once After have been made.
	DatastoreFull FaultKind = "datastore-full"
)

// Fault is something that goes wrong. Only the fields that its kind needs
// count.
type Fault struct {
	Kind FaultKind
	// Pattern chooses machines: a glob of their names, or "control-plane:2"
	// for the second of a role that had power.
	Pattern string
	Delay   time.Duration
	After   int
	// For is how long it lasts from when it begins to be felt; 0 is until
	// Clear. A vCenter that is down always needs it.
	For time.Duration
}

// examples are what a fault of each kind looks like, in the order in which
// they are listed to people.
var examples = []struct {
	kind FaultKind
	text string
}{
	{VCenterDown, "vcenter-down=10s"},
	{VCenterSlow, "vcenter-slow=500ms"},
	{LoginRefused, "login-refused"},
	{TemplateMissing, "template-missing"},
	{NoAddress, "no-address=worker:1"},
	{NeverJoins, "never-joins=control-plane:2"},
	{DatastoreFull, "datastore-full=after:2,for:15s"},
}

// ParseFault reads a fault as the flag --fault has it: a kind, what it needs
// after "=", and options after commas, "for:10s" with every kind and
// "after:2" with datastore-full. The error lists the kinds.
func ParseFault(text string) (Fault, error) {
	name, rest, _ := strings.Cut(text, "=")
	f := Fault{Kind: FaultKind(strings.TrimSpace(name))}
	value := ""
	for _, part := range strings.Split(rest, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, option, _ := strings.Cut(part, ":")
		var err error
		switch {
		case key == "for":
			f.For, err = positive(option)
		case key == "after" && f.Kind == DatastoreFull:
			if f.After, err = strconv.Atoi(option); err == nil && f.After < 0 {
				err = fmt.Errorf("%d is negative", f.After)
			}
		case value != "":
			err = fmt.Errorf("%q is one value too many", part)
		default:
			value = part
		}
		if err != nil {
			return Fault{}, badFault(text, err.Error())
		}
	}
	if problem := f.take(value); problem != "" {
		return Fault{}, badFault(text, problem)
	}
	return f, nil
}

// take fills in the value after "=", and says what is wrong with it.
func (f *Fault) take(value string) string {
	var err error
	switch f.Kind {
	case VCenterDown:
		f.For, err = positive(value)
	case VCenterSlow:
		f.Delay, err = positive(value)
	case NoAddress, NeverJoins:
		f.Pattern = value
		if _, bad := path.Match(value, ""); value == "" || bad != nil {
			return "it needs the name of a machine, a glob, or a role and a number"
		}
	case LoginRefused, TemplateMissing, DatastoreFull:
		if value != "" {
			return fmt.Sprintf("it takes no value %q", value)
		}
	default:
		return "there is no such fault"
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func positive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 || err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 10s", text)
	}
	return d, nil
}

func badFault(text, problem string) error {
	var list []string
	for _, e := range examples {
		list = append(list, e.text)
	}
	return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("the fault %q cannot be rehearsed: %s", text, problem),
		Remedy: "The faults are, by example: " + strings.Join(list, ", ") + ". With for:DURATION, after a comma or as their value, all of them pass."}
}

// String is the fault as ParseFault reads it.
func (f Fault) String() string {
	var values []string
	switch {
	case f.Kind == VCenterDown:
		values = append(values, f.For.String())
	case f.Kind == VCenterSlow:
		values = append(values, f.Delay.String())
	case f.Pattern != "":
		values = append(values, f.Pattern)
	}
	if f.After > 0 {
		values = append(values, "after:"+strconv.Itoa(f.After))
	}
	if f.For > 0 && f.Kind != VCenterDown {
		values = append(values, "for:"+f.For.String())
	}
	if len(values) == 0 {
		return string(f.Kind)
	}
	return string(f.Kind) + "=" + strings.Join(values, ",")
}

// strikes reports whether a fault with a pattern means a machine: the nth of
// its role that had power.
func (f Fault) strikes(name, role string, n int) bool {
	if group, number, ok := strings.Cut(f.Pattern, ":"); ok {
		return group == role && number == strconv.Itoa(n)
	}
	match, err := path.Match(f.Pattern, name)
	return err == nil && match
}

// FaultExamples are what a fault of each kind looks like.
func FaultExamples() []string {
	var texts []string
	for _, e := range examples {
		texts = append(texts, e.text)
	}
	return texts
}

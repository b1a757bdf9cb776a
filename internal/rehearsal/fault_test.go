package rehearsal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"vcenter-down=10s":               {Kind: VCenterDown, For: 10 * time.Second},
		"vcenter-slow=500ms":             {Kind: VCenterSlow, Delay: 500 * time.Millisecond},
		"vcenter-slow=500ms,for:1m0s":    {Kind: VCenterSlow, Delay: 500 * time.Millisecond, For: time.Minute},
		"login-refused":                  {Kind: LoginRefused},
		"login-refused=for:10s":          {Kind: LoginRefused, For: 10 * time.Second},
		"template-missing":               {Kind: TemplateMissing},
		"no-address=worker:1":            {Kind: NoAddress, Pattern: "worker:1"},
		"no-address=demo-md-0-*,for:5s":  {Kind: NoAddress, Pattern: "demo-md-0-*", For: 5 * time.Second},
		"never-joins=control-plane:2":    {Kind: NeverJoins, Pattern: "control-plane:2"},
		"datastore-full":                 {Kind: DatastoreFull},
		"datastore-full=after:2,for:15s": {Kind: DatastoreFull, After: 2, For: 15 * time.Second},
	} {
		got, err := ParseFault(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if got.String() != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
}

func TestParseFaultErrors(t *testing.T) {
	for _, text := range []string{
		"", "vcenter-up", "vcenter-down", "vcenter-down=soon", "vcenter-down=-1s", "vcenter-slow=", "login-refused=now", "no-address",
		"no-address=[", "never-joins=a,b", "datastore-full=after:x", "datastore-full=after:-1", "template-missing=for:x", "login-refused=after:2",
	} {
		_, err := ParseFault(text)
		var f *failure.Error
		if !errors.As(err, &f) {
			t.Errorf("%q: the error is %v", text, err)
			continue
		}
		for _, e := range examples {
			if f.Code != failure.Usage || !strings.Contains(f.Remedy, e.text) {
				t.Errorf("%q: the remedy does not show %s: %+v", text, e.text, f)
			}
		}
	}
}

func TestStrikes(t *testing.T) {
	for _, tt := range []struct {
		pattern, name, role string
		n                   int
		want                bool
	}{
		{"worker:1", "a", "worker", 1, true},
		{"worker:1", "a", "worker", 2, false},
		{"worker:1", "a", "control-plane", 1, false},
		{"control-plane:3", "a", "control-plane", 3, true},
		{"demo-*", "demo-md-0-1", "worker", 1, true},
		{"demo-*", "other", "worker", 1, false},
	} {
		if got := (Fault{Pattern: tt.pattern}).strikes(tt.name, tt.role, tt.n); got != tt.want {
			t.Errorf("%s strikes %s, the %s number %d: %v", tt.pattern, tt.name, tt.role, tt.n, got)
		}
	}
}

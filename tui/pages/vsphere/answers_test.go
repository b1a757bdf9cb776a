package vsphere

import (
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// answers are the pages without a screen.
type answers struct {
	*testing.T
	draft *draft.Draft
	pages []form.Page
}

func newAnswers(t *testing.T, d *draft.Draft, b backend.Backend) *answers {
	return &answers{t, d, Pages(d, b, tuitest.Env())}
}

// field finds a field that is asked.
func (a *answers) field(id string) form.Field {
	a.Helper()
	for i := range a.pages {
		for _, f := range a.pages[i].Visible() {
			if f.ID == id {
				return f
			}
		}
	}
	a.Fatalf("nothing asks for %s", id)
	return form.Field{}
}

func (a *answers) asked(id string) bool {
	for i := range a.pages {
		if slices.ContainsFunc(a.pages[i].Visible(), func(f form.Field) bool { return f.ID == id }) {
			return true
		}
	}
	return false
}

func (a *answers) set(id, text string) {
	a.Helper()
	f := a.field(id)
	if err := f.Take(text); err != nil {
		a.Fatalf("%s: %v", id, err)
	}
}

// options are what is offered for a field: "value label detail".
func (a *answers) options(id string) []form.Option {
	a.Helper()
	options, err := a.field(id).Options(a.Context())
	if err != nil {
		a.Fatalf("%s: %v", id, err)
	}
	return options
}

// notes are those of the page that asks for a field.
func (a *answers) notes() string {
	var all []string
	for _, p := range a.pages {
		if p.Notes != nil {
			for _, n := range p.Notes() {
				all = append(all, n.Text)
			}
		}
	}
	return strings.Join(all, "\n")
}

func TestTrustedCertificateAsksNothing(t *testing.T) {
	b := newBackend()
	shown := b.Certificates[server]
	shown.Trusted, shown.Untrusted = true, ""
	b.Certificates[server] = shown
	a := newAnswers(t, newDraft(), b)
	if a.asked("certificate") {
		t.Error("there is no server yet")
	}
	a.set("server", server)
	a.options("certificate")
	if a.asked("certificate") || !strings.Contains(a.notes(), "authorities vouch") {
		t.Errorf("notes:\n%s", a.notes())
	}
}

func TestConsent(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("server", server)
	f := a.field("certificate")
	if err := f.Take(""); err != nil { // nobody has looked yet
		t.Error(err)
	}
	if options := a.options("certificate"); len(options) != 2 || options[0].Value != "" || options[1].Value != thumbprint {
		t.Errorf("%+v", options)
	}
	f = a.field("certificate")
	if err := f.Take(""); failure.Remedy(err) == "" {
		t.Errorf("a certificate that is not trusted is passed over: %v", err)
	}
	a.set("certificate", thumbprint)
	if strings.Contains(a.notes(), "Nobody") || d.Config.VSphereDatacenter.Spec.Thumbprint != thumbprint {
		t.Errorf("notes:\n%s", a.notes())
	}
	a.set("certificate", strings.Replace(thumbprint, "01", "FF", 1))
	if !strings.Contains(a.notes(), "something else may answer") || len(a.options("certificate")) != 3 {
		t.Errorf("notes:\n%s", a.notes())
	}
	a.set("server", "other.example.com")
	if d.Config.VSphereDatacenter.Spec.Thumbprint != "" {
		t.Error("another server keeps the pin")
	}
	a.set("insecure", "true")
	if a.asked("certificate") || !strings.Contains(a.notes(), "gets the password") {
		t.Errorf("notes:\n%s", a.notes())
	}
}

// TestSitesErrors makes sure that nothing is in the way of who types.
func TestSitesErrors(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	if _, err := a.field("network").Options(t.Context()); failure.Remedy(err) == "" {
		t.Errorf("without a server: %v", err)
	}
	a.set("server", "off.example.com")
	if _, err := a.field("certificate").Options(t.Context()); failure.Remedy(err) == "" {
		t.Errorf("unreachable: %v", err)
	}
	a.set("network", "/dc1/network/typed")
	if !a.field("network").FreeText || d.Config.VSphereDatacenter.Spec.Network != "/dc1/network/typed" {
		t.Error("nothing can be typed")
	}
}

func TestLoginIsAskedAnew(t *testing.T) {
	b := newBackend()
	a := newAnswers(t, newDraft(), b)
	a.set("server", server)
	a.set("username", "admin@vsphere.local")
	before := a.field("datacenter").OptionsFor()
	a.set("password", "hunter22")
	after := a.field("datacenter").OptionsFor()
	if before == after || strings.Contains(after, "hunter22") {
		t.Errorf("%q, then %q", before, after)
	}
	if got := b.Env.Getenv("EKSA_VSPHERE_PASSWORD"); got != "hunter22" {
		t.Errorf("the password is kept as %q", got)
	}
	for _, id := range []string{"datacenter", "datacenter", "network", "template", "datastore"} {
		a.options(id)
	}
	var asked int
	for _, call := range b.Calls() {
		if strings.HasPrefix(call, "Inventory") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times: %v", asked, b.Calls())
	}
}

func TestAnotherDatacenterForgets(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("datacenter", "dc1")
	for id, value := range map[string]string{"network": "/dc1/network/n", "template": "/dc1/vm/t", "datastore": "ssd", "pool": "*/Resources", "folder": "/dc1/vm/f"} {
		a.set(id, value)
	}
	a.set("datacenter", "/dc1") // the same
	if a.field("network").Get() == "" {
		t.Error("the same datacenter forgets")
	}
	a.set("datacenter", "Leipzig")
	for id, want := range map[string]string{"network": "", "template": "", "datastore": "ssd", "pool": "*/Resources", "folder": ""} {
		if got := a.field(id).Get(); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

func TestChoicesSayWhatTheyAre(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("server", server)
	a.set("datacenter", "dc1")
	if o := a.options("datastore"); o[0].Value != "/dc1/datastore/ssd" || o[1].Detail != "not usable: it is in maintenance mode" {
		t.Errorf("%+v", o)
	}
	if o := a.options("template"); o[0].Value != "/dc1/vm/rhel" || o[2].Value != "/dc1/vm/plain" {
		t.Errorf("%+v", o)
	}
	if o := a.options("prod.tags"); o[0].Value != teamTag || o[0].Label != "owner: team-a" {
		t.Errorf("%+v", o)
	}
	a.set("template", "/dc1/vm/old")
	a.set("datastore", "/dc1/datastore/broken")
	for _, want := range []string{"/dc1/vm/old is of Kubernetes 1.34, and control plane is to run 1.35", "datastore /dc1/datastore/broken is not usable"} {
		if !strings.Contains(a.notes(), want) {
			t.Errorf("the notes lack %q:\n%s", want, a.notes())
		}
	}
}

// TestGroupsDiffer covers a group of its own kind.
func TestGroupsDiffer(t *testing.T) {
	d := newDraft()
	a := newAnswers(t, d, newBackend())
	a.set("datastore", "all")
	a.set("prod.datastore", "own")
	if got := a.field("datastore"); got.Get() != "" || got.Placeholder == "" {
		t.Errorf("%q", got.Get())
	}
	a.set("datastore", "") // says nothing
	if machineSpec(t, d, "prod").Datastore != "own" || machineSpec(t, d, "prod-cp").Datastore != "all" {
		t.Error("an empty answer changed something")
	}
	a.set("datastore", "again")
	if machineSpec(t, d, "prod").Datastore != "again" {
		t.Error("a common answer is not everyone's")
	}
	if a.asked("prod-cp.networks") || !a.asked("prod.networks") {
		t.Error("networks of their own are for workers alone")
	}
	a.set("prod.clone", "linkedClone")
	a.set("prod.tags", teamTag+"\n"+teamTag)
	m := machineSpec(t, d, "prod")
	if m.CloneMode != v1alpha1.LinkedClone || len(m.TagIDs) != 1 {
		t.Errorf("%+v", m)
	}
	a.set("prod.clone", "automatic")
	if m.CloneMode != "" {
		t.Errorf("clone mode %s", m.CloneMode)
	}
	f := a.field("prod.cpus")
	if err := f.Take("two"); failure.Remedy(err) == "" || m.NumCPUs != 2 {
		t.Errorf("%v, %d CPUs", err, m.NumCPUs)
	}
}

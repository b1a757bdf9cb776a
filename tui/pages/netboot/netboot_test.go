package netboot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// pages shows one page after the other, as the wizard does.
type pages struct {
	all   []form.Page
	doc   form.Document
	at    int
	model *form.Model
}

func (p *pages) Init() tea.Cmd                 { return p.model.Init() }
func (p *pages) Title() string                 { return p.model.Page().Title }
func (p *pages) Keys() []key.Binding           { return p.model.Keys() }
func (p *pages) View(width, height int) string { return p.model.View(width, height) }

func (p *pages) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	if _, next := msg.(form.Next); next {
		p.at++
		if p.at < len(p.all) {
			p.model = form.New(tuitest.Env(), p.all[p.at], p.doc)
			return p, p.model.Init()
		}
		return p, nil
	}
	return p, p.model.Update(msg)
}

func begin(t *testing.T, d *draft.Draft, width, height int) (*tuitest.Driver, *pages) {
	t.Helper()
	p := &pages{all: Pages(d, &backendtest.Backend{}, tuitest.Env()), doc: d}
	p.model = form.New(tuitest.Env(), p.all[0], d)
	return tuitest.Body(t, p, width, height), p
}

const csvHead = "hostname,ip_address,netmask,gateway,nameservers,mac,disk,labels,bmc_ip,bmc_username,bmc_password\n"

// TestAllQuestions fills in what a cluster needs, page by page.
func TestAllQuestions(t *testing.T) {
	d := draft.New(v1alpha1.TinkerbellDatacenterKind, "racks")
	d.ControlPlane().Count, d.ControlPlane().Endpoint = 1, &v1alpha1.Endpoint{Host: "198.51.100.10"}
	*d.Group(0).Count = 1
	d.Changed()
	file := filepath.Join(t.TempDir(), "hardware.csv")
	write := func(rows string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(csvHead+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const cp = "cp-1,198.51.100.21,255.255.255.0,198.51.100.1,198.51.100.2,52:54:00:00:00:01,/dev/sda,type=cp,198.51.100.121,root,hunter2\n"
	write(cp + "w-1,198.51.100.22,255.255.255.0,198.51.100.1,198.51.100.2,52:54:00:00:00:02,/dev/sda,type=worker,198.51.100.122,root,hunter2\n")

	driver, p := begin(t, d, 80, 24)
	driver.Press("ctrl+n")
	driver.Wait("the field is missing or empty")
	driver.Golden("provisioning-80x24")
	driver.Paste("198.51.100.10")
	driver.Press("ctrl+n")
	driver.Wait("is the control plane's endpoint too")
	driver.Press("backspace")
	driver.Type("1")
	driver.Press("down")
	driver.Paste("http://files.example.com/ubuntu-1-31.gz")
	driver.Press("ctrl+n")
	driver.Wait("does not have Kubernetes 1.35 in it")
	driver.Press("ctrl+u")
	driver.Paste("http://files.example.com/ubuntu-2204-kube-1-35.gz")
	driver.Press("ctrl+n")

	driver.Wait("The servers are in a hardware file")
	driver.Paste("testdata/wrong.csv")
	driver.Press("tab", "enter")
	driver.Wait("Row 3, w-1, mac", "Row 3, w-1, netmask")
	driver.Golden("hardware-80x24")
	driver.Press("esc", "up", "ctrl+u")
	driver.Paste(file)
	driver.Press("tab")
	driver.Wait("hardware.csv: 2 servers.")
	write(cp + "w-1,198.51.100.22,255.255.255.0,198.51.100.1,198.51.100.2,52:54:00:00:00:02,/dev/sda,type=wkr,198.51.100.122,root,hunter2\n")
	driver.Press("enter")
	driver.Wait("w-1 198.51.100.22", "type=wkr")
	if strings.Contains(driver.Screen(), "hunter2") {
		t.Errorf("a password is shown:\n%s", driver.Screen())
	}
	driver.Press("esc", "ctrl+n")

	driver.Wait("md-0: 0 servers match, 1 needed.")
	driver.Golden("machines-80x24")
	driver.Press("down", "down", "ctrl+u")
	driver.Paste("type=wkr")
	driver.Press("tab")
	driver.Wait("md-0: 1 server matches, 1 needed.")
	for p.at == 2 {
		driver.Press("ctrl+n")
		if strings.Contains(driver.Screen(), "✗") {
			t.Fatalf("the page is not left:\n%s", driver.Screen())
		}
	}
	driver.Wait("There is no template")
	driver.Press("ctrl+n")
	if p.at != len(p.all) {
		t.Errorf("the last page is not left:\n%s", driver.Screen())
	}
	if spec := d.Config.TinkerbellDatacenter.Spec; spec.TinkerbellIP != "198.51.100.11" || spec.OSImageURL == "" {
		t.Errorf("%+v", spec)
	}
	if got := d.Machines()[1].Tinkerbell.Spec.HardwareSelector["type"]; got != "wkr" {
		t.Errorf("the selector is %q", got)
	}
	for _, problem := range d.Problems() {
		if problem.Field != "spec.datacenterRef.kind" { // not supported yet
			t.Errorf("problem: %v", problem)
		}
	}
}

func TestTemplates(t *testing.T) {
	d := draft.New(v1alpha1.TinkerbellDatacenterKind, "racks")
	d.Changed()
	s := &site{draft: d}
	fields := func() map[string]form.Field {
		byTitle := map[string]form.Field{}
		for _, f := range s.templateFields() {
			byTitle[f.Title] = f
		}
		return byTitle
	}
	s.add()
	if refs := d.Machines(); refs[0].Tinkerbell.Spec.TemplateRef.Name != "racks" || refs[1].Tinkerbell.Spec.TemplateRef.Name != "racks" {
		t.Error("the first template is not every machine's")
	}
	if err := fields()["Name"].Set("install"); err != nil {
		t.Fatal(err)
	}
	if ref := d.Machines()[0].Tinkerbell.Spec.TemplateRef; ref.Name != "install" || d.Config.TinkerbellTemplates["install"] == nil {
		t.Errorf("after renaming, machines refer to %v", ref)
	}
	s.add()
	if err := fields()["Name"].Set("install"); err == nil {
		t.Error("two templates have one name")
	}
	if err := fields()["Template"].Set("install"); err != nil {
		t.Fatal(err)
	}
	if err := fields()["Actions"].Set("version: \"0.1\"\nnames: x\n"); err == nil || !strings.Contains(err.Error(), "names") {
		t.Errorf("a field that does not exist: %v", err)
	}
	if err := fields()["Actions"].Set("version: \"0.1\"\nname: x\nglobal_timeout: 60\ntasks:\n- name: t\n  worker: w\n  actions:\n  - name: a\n    image: i\n    timeout: 5\n"); err != nil {
		t.Fatal(err)
	}
	if got := d.Config.TinkerbellTemplates["install"].Spec.Template; len(got.Tasks) != 1 || got.Tasks[0].Actions[0].Image != "i" || got.GlobalTimeout != 60 {
		t.Errorf("%+v", got)
	}
	for _, problem := range d.Problems() {
		if problem.Object == "TinkerbellTemplateConfig/install" {
			t.Errorf("problem: %v", problem)
		}
	}
	s.remove("install")
	if ref := d.Machines()[0].Tinkerbell.Spec.TemplateRef; ref.Name != "" || len(d.Config.TinkerbellTemplates) != 1 {
		t.Errorf("after removing, machines refer to %v", ref)
	}
}

func TestAffinity(t *testing.T) {
	d := draft.New(v1alpha1.TinkerbellDatacenterKind, "racks")
	s := &site{draft: d}
	set := func(id, text string) error {
		for _, f := range s.machineFields(d.Machines()[0]) {
			if f.ID == id {
				return f.Set(text)
			}
		}
		t.Fatalf("no field %s", id)
		return nil
	}
	if err := set("affinity-racks-cp", "required:\n- labelSelector:\n    matchLabels: {type: cp}\n- labelSelector:\n    matchExpressions:\n    - {key: spare, operator: Exists}\n"); err != nil {
		t.Fatal(err)
	}
	if err := set("selector-racks-cp", ""); err != nil {
		t.Fatal(err)
	}
	spec := &d.Machines()[0].Tinkerbell.Spec
	for label, want := range map[string]bool{"type=cp": true, "type=worker": false, "spare=": true} {
		key, value, _ := strings.Cut(label, "=")
		if got := selects(spec, map[string]string{key: value}); got != want {
			t.Errorf("a server with %s: %t", label, got)
		}
	}
	if err := set("affinity-racks-cp", ""); err != nil || spec.HardwareAffinity != nil {
		t.Errorf("emptied: %v, %v", spec.HardwareAffinity, err)
	}
}

package rehearsal

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/machine/machinetest"
	"groundwork.dev/bootstrap/internal/secret"
)

// seen is what clients of the vCenter remember of a machine.
type seen struct {
	Ref                types.ManagedObjectReference
	UUID, InstanceUUID string
	Folder, Power, IP  string
	Disk               int64
	MAC                string
	CPUs               int32
	UserData           int
}

func look(t *testing.T, a *admin, instance string) seen {
	t.Helper()
	byInstance := true
	ref, err := object.NewSearchIndex(a.Client).FindByUuid(t.Context(), a.datacenter, instance, true, &byInstance)
	if err != nil || ref == nil {
		t.Fatalf("machine %s is not found: %v", instance, err)
	}
	vm := object.NewVirtualMachine(a.Client, ref.Reference())
	var props mo.VirtualMachine
	if err := vm.Properties(t.Context(), vm.Reference(), []string{"config", "runtime.powerState", "guest", "name"}, &props); err != nil {
		t.Fatal(err)
	}
	at, err := a.finder.VirtualMachine(t.Context(), "/Frankfurt/vm/kubernetes/lab/"+props.Name)
	if err != nil || at.Reference() != ref.Reference() {
		t.Fatalf("machine %s is not found by its path: %v", props.Name, err)
	}
	devices := object.VirtualDeviceList(props.Config.Hardware.Device)
	s := seen{Ref: ref.Reference(), UUID: props.Config.Uuid, InstanceUUID: props.Config.InstanceUuid, Folder: at.InventoryPath,
		Power: string(props.Runtime.PowerState), IP: props.Guest.IpAddress, CPUs: props.Config.Hardware.NumCPU}
	for _, d := range devices.SelectByType((*types.VirtualDisk)(nil)) {
		s.Disk += d.(*types.VirtualDisk).CapacityInKB
	}
	for _, d := range devices.SelectByType((*types.VirtualEthernetCard)(nil)) {
		s.MAC += d.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard().MacAddress
	}
	for _, option := range props.Config.ExtraConfig {
		if o := option.GetOptionValue(); o.Key == "guestinfo.userdata" {
			s.UserData = len(o.Value.(string))
		}
	}
	return s
}

func TestRestart(t *testing.T) {
	dir, k := t.TempDir(), machinetest.NewKeys(t)
	s, err := Start(t.Context(), Options{Config: config(t), Dir: dir, Credentials: Credentials{user, secret.New(password)}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a := login(t, s)
	instances := map[string]string{}
	before := map[string]seen{}
	for _, name := range []string{"lab-1", "lab-2", "lab-md-0-1", "lab-md-0-2"} {
		role := machine.Worker
		switch name {
		case "lab-1":
			role = machine.Init
		case "lab-2":
			role = machine.ControlPlane
		}
		instances[name] = uuid.NewString()
		vm, err := a.clone(t.Context(), name, instances[name], k.Userdata(role))
		if err != nil {
			t.Fatal(err)
		}
		if name != "lab-md-0-2" { // has no power when the site ends
			if err := a.provide(t.Context(), vm, name, ""); err != nil {
				t.Fatal(err)
			}
		}
		if name == "lab-1" {
			eventually(t, s, name, "joined", joined)
			allow(t, api(t, s, k))
		}
	}
	eventually(t, s, "lab-2", "joined", joined)
	eventually(t, s, "lab-md-0-1", "joined", joined)
	c := api(t, s, k)
	if _, err := c.CoreV1().Nodes().Patch(t.Context(), "lab-md-0-1", "application/merge-patch+json",
		[]byte(`{"metadata":{"annotations":{"cluster.x-k8s.io/machine":"m"}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.CoreV1().Secrets("kube-system").Delete(t.Context(), "bootstrap-token-"+machinetest.TokenID, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, instance := range instances {
		before[name] = look(t, a, instance)
	}
	machines, thumbprint, etcd := s.Machines(), s.Thumbprint(), members(t, s, k, "lab-1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, dir)
	a = login(t, s)
	for name, instance := range instances {
		if diff := cmp.Diff(before[name], look(t, a, instance)); diff != "" {
			t.Errorf("%s came back changed: %s", name, diff)
		}
	}
	if diff := cmp.Diff(machines, s.Machines()); diff != "" {
		t.Error("the machines came back changed:", diff)
	}
	if s.Thumbprint() != thumbprint {
		t.Error("the vCenter has another certificate")
	}
	if diff := cmp.Diff(etcd, members(t, s, k, "lab-1")); diff != "" {
		t.Error("the etcd members came back changed:", diff)
	}
	c = api(t, s, k)
	node, err := c.CoreV1().Nodes().Get(t.Context(), "lab-md-0-1", metav1.GetOptions{})
	if err != nil || node.Annotations["cluster.x-k8s.io/machine"] != "m" {
		t.Errorf("the node lost what was written on it: %v, %v", node.Annotations, err)
	}
	if secrets, err := c.CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{}); err != nil || len(secrets.Items) != 0 {
		t.Errorf("a deleted secret came back: %v, %v", secrets, err)
	}
	allow(t, c)
	vm := object.NewVirtualMachine(a.Client, look(t, a, instances["lab-md-0-2"]).Ref)
	if err := a.provide(t.Context(), vm, "lab-md-0-2", ""); err != nil {
		t.Fatal(err)
	}
	late := eventually(t, s, "lab-md-0-2", "joined", joined)
	for _, m := range machines {
		if m.Address == late.Address {
			t.Errorf("%s and %s have the same address", m.Name, late.Name)
		}
	}
	destroy(t, vm)
}

// TestTasksOfAnEarlierLifeAreUnknown: a client that was killed with the site
// may ask for a task that it remembers, and must not be told of another.
func TestTasksOfAnEarlierLifeAreUnknown(t *testing.T) {
	dir, k := t.TempDir(), machinetest.NewKeys(t)
	highest := 0
	for range 2 {
		s, err := Start(t.Context(), Options{Config: config(t), Dir: dir, Credentials: Credentials{user, secret.New(password)}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		a := login(t, s)
		vm, err := a.clone(t.Context(), "lab-"+fmt.Sprint(len(s.Machines())), uuid.NewString(), k.Userdata(machine.Worker))
		if err != nil {
			t.Fatal(err)
		}
		if last := highest; last > 0 {
			var task mo.Task
			for n := last - 10; n < last+50; n++ { // the first life's last tasks, and what would have come next
				ref := types.ManagedObjectReference{Type: "Task", Value: fmt.Sprint("task-", n)}
				if err := mo.RetrieveProperties(t.Context(), a.Client, a.ServiceContent.PropertyCollector, ref, &task); err == nil {
					t.Errorf("%s is known in the second life", ref.Value)
				}
			}
		}
		highest = number(vm.Reference().Value)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func number(ref string) (n int) {
	_, _ = fmt.Sscanf(ref[strings.LastIndex(ref, "-")+1:], "%d", &n)
	return n
}

// The environment of the process that TestKill kills.
const (
	victimDir = "REHEARSAL_VICTIM_DIR"
	victimRun = "REHEARSAL_VICTIM_RUN"
)

// beVictim makes, and destroys, machines until it is killed, and says what the
// vCenter has confirmed.
func beVictim(t *testing.T, dir string) {
	s, k := open(t, dir), machinetest.NewKeys(t)
	a := login(t, s)
	for i := 0; ; i++ {
		name, instance := fmt.Sprintf("lab-%s-%d", os.Getenv(victimRun), i), uuid.NewString()
		fmt.Println("begin", name)
		vm, err := a.clone(t.Context(), name, instance, k.Userdata(machine.Worker))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("made", name, vm.UUID(t.Context()), instance)
		if err := a.provide(t.Context(), vm, name, ""); err != nil {
			t.Fatal(err)
		}
		fmt.Println("on", name)
		if i%2 == 1 {
			fmt.Println("destroy", name)
			destroy(t, vm)
			fmt.Println("gone", name)
		}
	}
}

// TestKill kills the process at some moment, again and again. What the
// vCenter has confirmed is there afterwards, and what it has not is there
// once or not at all.
func TestKill(t *testing.T) {
	if dir := os.Getenv(victimDir); dir != "" { // this is the process to kill
		beVictim(t, dir)
	}
	dir := t.TempDir()
	made, on, doubtful, gone := map[string]string{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for run := range 6 {
		victim := exec.Command(os.Args[0], "-test.run", "^TestKill$")
		victim.Env = append(os.Environ(), victimDir+"="+dir, fmt.Sprintf("%s=%d", victimRun, run))
		out, err := victim.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		victim.Stderr = &stderr
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		// Another moment each time, counted in confirmed steps and then some.
		kill := 3 + 4*run
		lines := bufio.NewScanner(out)
		for steps := 0; lines.Scan(); steps++ {
			if steps == kill {
				time.AfterFunc(time.Duration(run)*3*time.Millisecond, func() { _ = victim.Process.Kill() })
			}
			words := strings.Fields(lines.Text())
			switch words[0] {
			case "begin":
				doubtful[words[1]] = true
			case "made":
				made[words[1]] = words[2] + " " + words[3]
				delete(doubtful, words[1])
			case "on":
				on[words[1]] = true
			case "destroy":
				doubtful[words[1]] = true
			case "gone":
				gone[words[1]] = true
				delete(doubtful, words[1])
			case "---", "FAIL", "panic:":
				t.Fatalf("the victim died by itself: %s\n%s", lines.Text(), &stderr)
			}
		}
		_ = victim.Wait()
	}
	s := open(t, dir)
	counts := map[string]int{}
	for _, m := range s.Machines() {
		counts[m.Name]++
		if gone[m.Name] {
			t.Errorf("%s came back from the dead", m.Name)
		}
		if want, known := made[m.Name]; known && want != m.UUID+" "+m.InstanceUUID {
			t.Errorf("%s has other UUIDs", m.Name)
		}
		if on[m.Name] && !m.PoweredOn && !doubtful[m.Name] {
			t.Errorf("%s lost its power", m.Name)
		}
	}
	for name := range made {
		if !gone[name] && !doubtful[name] && counts[name] != 1 {
			t.Errorf("%s is there %d times", name, counts[name])
		}
	}
	for name, n := range counts {
		if n > 1 || made[name] == "" && !doubtful[name] {
			t.Errorf("%s is there %d times, and was never confirmed", name, n)
		}
	}
	if len(made) < 10 {
		t.Errorf("only %d machines were made", len(made))
	}
	login(t, s)
}

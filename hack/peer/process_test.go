package peer

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeVariable makes this test binary behave as a manager: "ready", "mute"
// (never ready, ignores SIGTERM) or "failing".
const fakeVariable = "PEER_TEST_MANAGER"

func TestMain(m *testing.M) {
	switch os.Getenv(fakeVariable) {
	case "":
		os.Exit(m.Run())
	case "failing":
		fmt.Println("cannot reach the API server")
		os.Exit(3)
	case "mute":
		signal.Ignore(syscall.SIGTERM)
		for {
			_ = syscall.Pause()
		}
	case "ready":
		var address string
		for _, argument := range os.Args {
			if value, found := strings.CutPrefix(argument, "--health-addr="); found {
				address = value
			}
		}
		http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
		fmt.Println(http.ListenAndServe(address, nil))
		os.Exit(1)
	}
}

func fakeOptions(t *testing.T, behaviour string) Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Binaries: Binaries{}, Kubeconfig: "kubeconfig", LogDir: filepath.Join(t.TempDir(), "logs"),
		Webhooks: &Webhooks{CertDir: "certs", Ports: map[Name]int{}},
		Env:      []string{fakeVariable + "=" + behaviour},
	}
	for i, m := range managers {
		o.Binaries[m.name] = self
		o.Webhooks.Ports[m.name] = 10001 + i
	}
	return o
}

// gone reports whether a process no longer exists.
func gone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }

func TestManagersRunUntilStopped(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := fakeOptions(t, "ready")
	m, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	running, err := m.Usage()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	stopped, err := m.Usage()
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range stopped {
		if u.Name != managers[i].name || u.PeakRSS < running[i].RSS || u.RSS == 0 || u.CPU < running[i].CPU {
			t.Errorf("after the end the usage is %+v, while running it was %+v", u, running[i])
		}
	}
	for _, p := range m.processes {
		if !gone(p.command.Process.Pid) {
			t.Errorf("the manager %s still runs", p.name)
		}
		if _, err := os.Stat(filepath.Join(o.LogDir, string(p.name)+".log")); err != nil {
			t.Error(err)
		}
	}
}

func TestStartSaysWhyAManagerEnded(t *testing.T) {
	_, err := Start(context.Background(), fakeOptions(t, "failing"))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "cannot reach the API server") {
		t.Errorf("got %v, want the exit status and the log's end", err)
	}
}

func TestStartLeavesNothingRunningWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	o := fakeOptions(t, "mute")
	done, stop := context.WithCancel(context.Background())
	stop() // forces: the fakes ignore SIGTERM
	m := &Managers{}
	for _, manager := range managers {
		if err := os.MkdirAll(o.LogDir, 0o700); err != nil {
			t.Fatal(err)
		}
		p, err := start(manager, o, 1)
		if err != nil {
			t.Fatal(err)
		}
		m.processes = append(m.processes, p)
	}
	if err := m.processes[0].ready(ctx, 1); err == nil || !strings.Contains(err.Error(), "deadline exceeded") {
		t.Errorf("got %v, want the deadline", err)
	}
	if err := m.Stop(done); err != nil {
		t.Error(err)
	}
	for _, p := range m.processes {
		if !gone(p.command.Process.Pid) {
			t.Errorf("the manager %s still runs", p.name)
		}
	}
}

func TestUsageTellsOfAManagerThatEnded(t *testing.T) {
	o := fakeOptions(t, "failing")
	if err := os.MkdirAll(o.LogDir, 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := start(managers[0], o, 1)
	if err != nil {
		t.Fatal(err)
	}
	<-p.exited
	m := &Managers{processes: []*process{p}}
	if _, err := m.Usage(); err == nil || !strings.Contains(err.Error(), "cannot reach the API server") {
		t.Errorf("got %v, want what the manager wrote", err)
	}
}

func TestArguments(t *testing.T) {
	o := fakeOptions(t, "ready")
	for _, m := range managers {
		got := m.arguments(o, 4711)
		for _, want := range []string{
			"--kubeconfig=kubeconfig", "--leader-elect=false", "--webhook-cert-dir=certs",
			fmt.Sprintf("--webhook-port=%d", o.Webhooks.Ports[m.name]),
			"--health-addr=127.0.0.1:4711", "--diagnostics-address=127.0.0.1:0",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("%s has %v, want %s among them", m.name, got, want)
			}
		}
	}
}

func TestFreePortsAreFreeAndDifferent(t *testing.T) {
	ports, err := freePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if seen[port] {
			t.Errorf("port %d is there twice", port)
		}
		seen[port] = true
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Error(err)
			continue
		}
		defer l.Close()
	}
}

func TestUsageOfThisProcess(t *testing.T) {
	for until := time.Now().Add(30 * time.Millisecond); time.Now().Before(until); {
	}
	u, err := readUsage(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if u.CPU <= 0 || u.RSS < 1<<20 || u.PeakRSS < u.RSS {
		t.Errorf("got %+v", u)
	}
	if _, err := readUsage(-1); err == nil {
		t.Error("no error for a process that does not exist")
	}
}

package bootstrapcluster

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
	"groundwork.dev/bootstrap/internal/failure"
)

// childPID is the process id that the child wrote into its lock.
func childPID(t *testing.T, dir string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "control-plane.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func eventuallyDead(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "wait until process "+strconv.Itoa(pid)+" is gone", func(context.Context) (bool, error) {
		return errors.Is(unix.Kill(pid, 0), unix.ESRCH), nil
	})
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	c, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// The child is killed, then the whole cluster stopped and started: what was
// there stays, and an old client keeps working as long as its cluster does.
func TestDataOutlivesTheChildAndTheParent(t *testing.T) {
	dir := t.TempDir()
	c := start(t, Options{Dir: dir})
	t.Cleanup(func() { stop(t, c) })
	create(t, c,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kept"}},
		&bootstrapv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "kept", Name: "template"}})
	address := c.RESTConfig().Host
	kept := func(c *Cluster) {
		t.Helper()
		key := client.ObjectKey{Namespace: "kept", Name: "template"}
		eventually(t, "read what was kept", func(ctx context.Context) (bool, error) {
			// The connection that died with the child may be found out only now.
			return c.Client().Get(ctx, key, &bootstrapv1.KubeadmConfigTemplate{}) == nil, nil
		})
	}

	pid := childPID(t, dir)
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "wait for the restart", func(context.Context) (bool, error) { return c.Restarts() == 1, nil })
	kept(c)
	if got := c.RESTConfig().Host; got != address {
		t.Errorf("the address changed from %s to %s", address, got)
	}
	if childPID(t, dir) == pid {
		t.Error("the process that was killed is still the child")
	}

	stop(t, c)
	log, err := os.ReadFile(filepath.Join(dir, LogFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "the control plane has stopped") {
		t.Error("the child did not drain")
	}
	if err := c.Client().Get(t.Context(), client.ObjectKey{Name: "kept"}, &corev1.Namespace{}); err == nil {
		t.Error("the client of a stopped cluster still works")
	}

	again := start(t, Options{Dir: dir})
	defer stop(t, again)
	kept(again)
	if got := again.RESTConfig().Host; got != address {
		t.Errorf("the address changed from %s to %s", address, got)
	}
	create(t, again, &bootstrapv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "kept", Name: "new"}})
}

// The child dies with a parent that is killed, and the next run does not trip
// over what is left of it.
func TestChildDiesWithItsParent(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), self, parentCommand, dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("the parent said %q: %v", line, err)
	}
	child := childPID(t, dir)
	group, err := unix.Getpgid(child)
	if err != nil || group != child {
		t.Errorf("the child's process group is %d (%v), not its own %d: an interrupt would reach it", group, err, child)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir}) // at once: its child waits for the other
	defer stop(t, c)
	_ = parent.Wait()
	eventuallyDead(t, child)
}

func TestSecondStartIsRefused(t *testing.T) {
	sharedForTest(t)
	_, err := Start(t.Context(), Options{Dir: sharedDir})
	if known := new(failure.Error); !errors.As(err, &known) || known.Remedy == "" || known.Object != sharedDir {
		t.Errorf("a second start over the same folder: %v", err)
	}
}

func TestGivesUpWithTheEndOfTheLog(t *testing.T) {
	dir := t.TempDir()
	exe := filepath.Join(dir, "exe")
	if err := os.WriteFile(exe, []byte("#!/bin/sh\necho something broke\nexit 3\n"), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: filepath.Join(dir, "cluster"), Executable: exe})
	known := new(failure.Error)
	if !errors.As(err, &known) || known.Code != failure.Bootstrap || known.Remedy == "" {
		t.Fatalf("a child that keeps dying: %v", err)
	}
	for _, want := range []string{"exit status 3", "something broke"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q: %v", want, err)
		}
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	_, err := Start(ctx, Options{Dir: dir, OnStage: func(Stage) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a start that was cancelled: %v", err)
	}
	if d := time.Since(began); d > stopGrace {
		t.Errorf("it took %v", d)
	}
	eventuallyDead(t, childPID(t, dir))
}

// A secret and the cluster's own token pass through every part; none of them
// writes it into the log, and nothing in the folder is open to others.
func TestNothingSecretIsLeftOpen(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	const planted = "planted-7f3a91c2"
	create(t, c,
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "demo-kubeconfig"}, StringData: map[string]string{"value": planted}},
		&bootstrapv1.KubeadmConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "demo"},
			Spec: bootstrapv1.KubeadmConfigSpec{PreKubeadmCommands: []string{"echo " + planted}}})
	// Invalid ones make webhooks and API server speak.
	for _, o := range []client.Object{
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "NOT VALID"}, StringData: map[string]string{"value": planted}},
		&bootstrapv1.KubeadmConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "invalid"}, Spec: bootstrapv1.KubeadmConfigSpec{
			Files: []bootstrapv1.File{{Path: "/a", Content: planted}, {Path: "/a", Content: planted}}}},
	} {
		if err := c.Client().Create(t.Context(), o); err == nil {
			t.Errorf("%T %s was accepted", o, o.GetName())
		}
	}
	token, err := controlplane.Token(sharedDir)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(sharedDir, LogFile+"*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no log: %v", err)
	}
	for _, path := range logs {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{planted, token.Reveal()} {
			if i := strings.Index(string(log), secret); i >= 0 {
				t.Errorf("%s holds %s: %s", path, secret, log[max(0, i-200):i])
			}
		}
	}
	info, err := os.Stat(sharedDir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v: %v", info.Mode(), err)
	}
	err = filepath.WalkDir(sharedDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Dir(path) != sharedDir || entry.Type()&fs.ModeSocket != 0 {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

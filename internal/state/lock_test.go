package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// holderEnv makes the test binary take the lock of the state directory it
// names, say so, and hold the lock until it is killed.
const holderEnv = "STATE_TEST_HOLD"

func TestMain(m *testing.M) {
	if root := os.Getenv(holderEnv); root != "" {
		hold(root)
	}
	os.Exit(m.Run())
}

func hold(root string) {
	d, err := Open(root, "demo")
	if err == nil {
		_, err = d.Lock("create cluster")
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("locked")
	select {}
}

// startHolder returns a running process that holds the lock of d.
func startHolder(t *testing.T, d *Dir) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	holder := exec.CommandContext(ctx, os.Args[0])
	holder.Env = append(os.Environ(), holderEnv+"="+d.root)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return holder
}

func TestLockAcrossProcesses(t *testing.T) {
	d := open(t)
	holder := startHolder(t, d)

	_, err := d.Lock("delete cluster")
	for _, want := range []string{"`create cluster`", fmt.Sprintf("process %d", holder.Process.Pid), "since 20"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Lock = %v; want an error with %q", err, want)
		}
	}
	owner, held, err := d.Owner()
	if err != nil || !held || owner.PID != holder.Process.Pid || owner.Command != "create cluster" {
		t.Errorf("Owner = %+v, %v, %v", owner, held, err)
	}

	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // says that it was killed
	if _, held, err := d.Owner(); err != nil || held {
		t.Errorf("after kill -9 the lock is held: %v, %v", held, err)
	}
	lock, err := d.Lock("delete cluster")
	if err != nil {
		t.Fatalf("after kill -9 of its holder the lock is not free: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

// Asking who holds the lock must not stand in the way of one who takes it,
// nor free it.
func TestLockInOneProcess(t *testing.T) {
	d := open(t)
	if _, held, err := d.Owner(); err != nil || held {
		t.Errorf("Owner of a new directory = %v, %v", held, err)
	}
	lock, err := d.Lock("create cluster")
	if err != nil {
		t.Fatal(err)
	}
	if owner, held, err := d.Owner(); err != nil || !held || owner.PID != os.Getpid() {
		t.Errorf("Owner = %+v, %v, %v", owner, held, err)
	}
	if _, err := d.Lock("create cluster"); err == nil {
		t.Error("the lock was taken twice")
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	lock, err = d.Lock("create cluster")
	if err != nil {
		t.Fatalf("the lock was not given back: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

// A lock on a directory that was removed and made again is not the lock.
func TestLockAfterRemoval(t *testing.T) {
	d := open(t)
	late, err := os.OpenFile(d.Path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveAll(); err != nil {
		t.Fatal(err)
	}
	lock, err := d.Lock("create cluster")
	if err != nil {
		t.Fatalf("a removed state cannot be locked anew: %v", err)
	}
	if _, err := d.take(late, "delete cluster"); !errors.Is(err, errRemoved) {
		t.Errorf("taking a removed lock = %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestLockSweepsUnfinishedFiles(t *testing.T) {
	d := open(t)
	left := filepath.Join(d.Path(), unfinished+"123")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lock, err := d.Lock("create cluster")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the unfinished file is still there: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

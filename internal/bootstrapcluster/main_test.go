package bootstrapcluster

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"
)

// parentCommand makes the test program a parent that starts a cluster in the
// folder it is given, says so, and waits to be killed.
const parentCommand = "parent-to-be-killed"

// TestMain lets the test program be its own child.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && (os.Args[1] == Command || os.Args[1] == parentCommand) {
		os.Exit(play(os.Args[1], os.Args[2:]))
	}
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func play(command string, args []string) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if command == Command {
		if err := Main(ctx, args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	if _, err := Start(ctx, Options{Dir: args[0]}); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	<-ctx.Done()
	return 0
}

// startTimeout is for a machine that is busy with other things.
const startTimeout = 2 * time.Minute

// shared is one cluster for all tests that leave it as they find it.
var shared = sync.OnceValues(func() (*Cluster, error) {
	dir, err := os.MkdirTemp("", "bootstrapcluster-test-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	sharedDir = dir
	c, err := Start(ctx, Options{Dir: dir, OnStage: func(s Stage) { sharedStages = append(sharedStages, s) }})
	sharedCluster = c
	return c, err
})

var (
	sharedDir     string
	sharedStages  []Stage
	sharedCluster *Cluster
)

func stopShared() error {
	if sharedCluster == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	err := sharedCluster.Stop(ctx)
	if err == nil {
		err = os.RemoveAll(sharedDir)
	}
	return err
}

func sharedForTest(t *testing.T) *Cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

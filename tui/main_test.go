package tui

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
)

// TestMain lets the test program be the bootstrap cluster's process.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 || os.Args[1] != bootstrapcluster.Command {
		os.Exit(m.Run())
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := bootstrapcluster.Main(ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

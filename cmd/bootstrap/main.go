// Command bootstrap turns a vCenter or bare racks into a Kubernetes cluster.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; with the default handling
	// restored, a second one ends the process at once.
	context.AfterFunc(ctx, restore)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	os.Exit(int(code))
}

package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Lock keeps two commands from changing one lab at the same time. It is a name
// in the machine's network namespace, which the kernel frees when the process
// ends, however it ends, and which leaves no file. It waits until ctx ends.
func Lock(ctx context.Context, name string) (unlock func(), err error) {
	for {
		l, err := net.Listen("unix", "@groundwork-lab/"+name)
		if err == nil {
			return func() { l.Close() }, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another command is at work on lab %s: %w", name, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

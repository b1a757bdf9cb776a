package lab

import (
	"os"

	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/supervisor"
)

// A lab's supervisor and its hosts' first processes are the program that
// imports this package, started again under other names. This is an init
// function rather than a call that every program must remember: a test that
// forgot it would run all tests once more as a host's first process.
func init() {
	switch os.Args[0] {
	case host.Argv0:
		host.Main()
	case supervisor.Argv0:
		supervisor.Main()
	default:
		return
	}
	os.Exit(1)
}

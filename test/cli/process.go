package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Kill ends a command that was started, and its children, with SIGKILL.
func Kill(cmd *exec.Cmd) {
	for _, pid := range append(Children(cmd.Process.Pid), cmd.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// Children are the processes that pid has started.
func Children(pid int) []int {
	var found []int
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				found = append(found, child)
			}
		}
	}
	return found
}

// Processes are the running ones that have the state directory in their
// command line.
func Processes(state string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if text := strings.ReplaceAll(string(line), "\x00", " "); strings.Contains(text, state) {
			found = append(found, filepath.Base(filepath.Dir(file))+" "+text)
		}
	}
	return found
}

// Gone waits until no process works on the state directory any more.
func Gone(t *testing.T, state string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return len(Processes(state)) == 0, nil
	})
	if err != nil {
		t.Fatalf("processes are left over: %v", Processes(state))
	}
}

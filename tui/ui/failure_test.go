package ui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
)

func bindings(b ...key.Binding) []key.Binding { return b }

func TestFailureNamesTheRemedy(t *testing.T) {
	theme := &env("TERM=xterm", "LANG=C.UTF-8").Theme
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", errors.New("no route to host"), "✗ no route to host"},
		{"whole", &failure.Error{
			Summary: "log in to the vCenter", Object: "vcenter.example", Err: errors.New("wrong\x1b[2J password"),
			Remedy: "check the user name: it has the domain after it",
		}, "✗ log in to the vCenter||  Object vcenter.example||  Cause  wrong password||  Remedy check the user name: it has the|         domain after it"},
		{"problems", fmt.Errorf("open: %w", v1alpha1.Problems{
			{File: "c.yaml", Line: 3, Column: 5, Object: "Cluster/demo", Field: "spec.count", Message: "it is negative", Remedy: "write 1 or more"},
			{File: "c.yaml", Message: "there is no datacenter"},
		}), "✗ The configuration has 2 problems.||  c.yaml:3:5|  Cluster/demo spec.count|  it is negative|  write 1 or more||  c.yaml|  there is no datacenter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := theme.Failure(c.err, 40)
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], " ")
			}
			if got := strings.Join(lines, "|"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

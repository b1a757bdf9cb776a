package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// existing is the state of an earlier create, or of its rehearsal.
type existing struct {
	cluster backend.Cluster
	// begun is the configuration that it was begun with, nil where nothing was
	// made yet.
	begun []byte
}

// look finds out what an earlier run has left of the cluster, by whether it
// was a rehearsal.
func look(ctx context.Context, b backend.Backend, name string) (map[bool]existing, error) {
	clusters, err := b.Clusters(ctx)
	if err != nil {
		return nil, err
	}
	found := map[bool]existing{}
	for _, c := range clusters {
		if c.Name != name {
			continue
		}
		begun, err := b.Configuration(ctx, name, c.Rehearsal)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		found[c.Rehearsal] = existing{c, begun}
	}
	return found, nil
}

// ask is what has to be answered before a create may begin: a dialog whose
// first answer sends go on, nil where nothing is asked. The error is why it
// cannot begin at all.
func ask(config *v1alpha1.Config, rehearsal bool, known map[bool]existing, goOn func(acceptChanges bool) tea.Cmd) (*ui.Dialog, error) {
	name := config.Cluster.Name
	now, ok := known[rehearsal]
	if ok && now.cluster.Running != nil {
		return nil, &failure.Error{
			Code: failure.Usage, Object: "Cluster " + name,
			Summary: fmt.Sprintf("another process works on this cluster: %s, process %d", now.cluster.Running.Command, now.cluster.Running.PID),
			Remedy:  "watch it from the start page, or wait until it has ended",
		}
	}
	if ok && now.begun != nil {
		return resume(config, rehearsal, now, goOn)
	}
	if rehearsal {
		return nil, nil
	}
	sum := total(groups(config))
	return &ui.Dialog{
		Title: "Create the cluster " + name + "?",
		Text:  machines(config, sum.count) + " will become its nodes. It can be stopped at any moment, and goes on later where it was.",
		Answers: []ui.Answer{
			{Key: "c", Label: "create it", Do: goOn(false)},
			{Key: "n", Label: "not yet"},
		},
	}, nil
}

// resume asks for the name of a cluster that was begun before.
func resume(config *v1alpha1.Config, rehearsal bool, now existing, goOn func(bool) tea.Cmd) (*ui.Dialog, error) {
	text, err := config.YAML()
	if err != nil {
		return nil, fmt.Errorf("write the effective configuration: %w", err)
	}
	name, what := config.Cluster.Name, "cluster"
	if rehearsal {
		what = "rehearsal"
	}
	dialog := &ui.Dialog{
		Title: "Go on with the " + what + " " + name + "?",
		Text:  fmt.Sprintf("This %s was begun before. It goes on where it was, with the same configuration.", what),
		Word:  name,
	}
	changed := !bytes.Equal(text, now.begun)
	if changed {
		dialog.Title = "Change the " + what + " " + name + "?"
		dialog.Text = fmt.Sprintf("This %s was begun with another configuration, and machines that do not fit the new one are replaced. What has changed:\n\n%s",
			what, strings.Join(changedLines(now.begun, text, 8), "\n"))
	}
	dialog.Answers = []ui.Answer{{Label: "go on", Do: goOn(changed)}, {Label: "leave it as it is"}}
	return dialog, nil
}

// changedLines are the lines of a configuration that differ, at most that many.
func changedLines(before, now []byte, most int) []string {
	var lines []string
	for line := range strings.Lines(state.Difference(before, now)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") || line == "" {
			continue
		}
		if line[0] == '-' || line[0] == '+' {
			lines = append(lines, line)
		}
	}
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most], fmt.Sprintf("and %d more lines", more))
	}
	return lines
}

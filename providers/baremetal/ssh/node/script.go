package node

import (
	"context"
	"embed"
	"fmt"
	"io"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// The scripts are POSIX shell: a host has dash, busybox or bash.
//
//go:embed scripts/*.sh
var scripts embed.FS

// script is the named parts in order, after the part that they all share.
func script(parts ...string) string {
	var b strings.Builder
	for _, part := range append([]string{"host"}, parts...) {
		text, err := scripts.ReadFile("scripts/" + part + ".sh")
		if err != nil {
			panic(err) // embedded above
		}
		b.Write(text)
	}
	return b.String()
}

// report is what a script says: KEY=value lines, a key as often as it is
// said, and the text behind a line "log:".
type report struct {
	values map[string][]string
	log    string
}

func parseReport(stdout string) report {
	head, log, _ := strings.Cut("\n"+stdout, "\nlog:\n")
	r := report{values: map[string][]string{}, log: log}
	for line := range strings.Lines(head) {
		if key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok {
			r.values[key] = append(r.values[key], value)
		}
	}
	return r
}

// get is the key's last value, or "".
func (r report) get(key string) string {
	if values := r.values[key]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

func (r report) owner() Owner {
	return Owner{Cluster: r.get("owner.cluster"), Machine: r.get("owner.machine"), UID: r.get("owner.uid")}
}

// run runs a script. The error says what was attempted and what the script
// says went wrong.
func run(ctx context.Context, r Remote, attempt, text string, stdin io.Reader, args ...string) (report, error) {
	result, err := r.Run(ctx, remote.Command{Script: text, Args: args, Stdin: stdin})
	if err != nil {
		return report{}, fmt.Errorf("%s: %w", attempt, err)
	}
	rep := parseReport(result.Stdout)
	if result.ExitCode == 0 {
		return rep, nil
	}
	cause := rep.get("problem")
	if cause == "" {
		cause = fmt.Sprintf("exit code %d: %s", result.ExitCode, tail(redact(result.Stderr), 3))
	}
	return rep, &failure.Error{
		Code:    failure.Infrastructure,
		Summary: fmt.Sprintf("%s: %s", attempt, cause),
		Remedy:  "mend it on the host; the work goes on where it stopped",
	}
}

// tail is the text's last n lines that are not empty.
func tail(text string, n int) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

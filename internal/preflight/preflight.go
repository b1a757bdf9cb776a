// Package preflight makes the checks of a site: each as soon as those that it
// needs have passed, all others at the same time.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
)

// Run makes every check and returns their results in the order of checks.
// Each result goes to sink as an event.Checked the moment it is known.
//
// A check is skipped when one that it needs failed or was skipped, so that
// one cause is reported once. Warnings do not stop what needs them. When
// checks failed the error is a *failure.Error with the code Preflight that
// names them; when ctx ended first it wraps the context's cause and the
// checks that had not finished are skipped. Checks that were still running
// then may go on for a moment, but nothing is reported for them.
func Run(ctx context.Context, checks []providers.Check, sink event.Sink) ([]event.Check, error) {
	if err := validate(checks); err != nil {
		return nil, err
	}
	ctx, cleanup := withCleanup(ctx)
	defer cleanup()

	nodes := make(map[string]*node, len(checks))
	for _, c := range checks {
		nodes[c.Name] = &node{check: c, done: make(chan struct{})}
	}
	for _, n := range nodes {
		go func() {
			defer close(n.done)
			n.settle(ctx, nodes)
			sink.Emit(checked(n.result))
		}()
	}
	results := make([]event.Check, len(checks))
	for i, c := range checks {
		n := nodes[c.Name]
		<-n.done
		results[i] = n.result
	}
	if ctx.Err() != nil {
		return results, fmt.Errorf("preflight was stopped: %w", context.Cause(ctx))
	}
	return results, summarise(results)
}

// node is a check on its way; result and cause may be read once done is
// closed.
type node struct {
	check  providers.Check
	done   chan struct{}
	result event.Check
	// cause is the name of the failed check at the root of a skip.
	cause string
}

// settle waits for what the check needs, makes it and sets its result.
func (n *node) settle(ctx context.Context, nodes map[string]*node) {
	for _, name := range n.check.Needs {
		need := nodes[name]
		<-need.done // ends with ctx, because every check's own wait does
		switch need.result.Result {
		case event.Failed:
			n.skip(name)
			return
		case event.Skipped:
			n.skip(need.cause)
			return
		}
	}
	if ctx.Err() != nil {
		n.skip("")
		return
	}
	start := time.Now()
	outcome := make(chan event.Check, 1)
	go func() { outcome <- attempt(ctx, n.check) }()
	select {
	case n.result = <-outcome:
	case <-ctx.Done():
	}
	if ctx.Err() != nil && n.result.Result != event.Passed {
		n.skip("")
	}
	n.result.Name = n.check.Name
	n.result.Seconds = time.Since(start).Seconds()
}

// skip sets the result of a check that was not made because of the failed
// check cause, or because the run was stopped where cause is empty.
func (n *node) skip(cause string) {
	n.cause = cause
	found := "not looked at: the preflight was stopped"
	if cause != "" {
		found = fmt.Sprintf("not looked at: %q failed", cause)
	}
	n.result = event.Check{Name: n.check.Name, Result: event.Skipped, Want: n.result.Want, Found: found}
}

// attempt makes one check. Whatever goes wrong in it, a panic included,
// becomes a failed result.
func attempt(ctx context.Context, c providers.Check) (result event.Check) {
	defer func() {
		if p := recover(); p != nil {
			result.Result = event.Failed
			result.Found = fmt.Sprintf("the check itself broke: %v", p)
			result.Remedy = "This is a defect of this program: report it with the output of this command."
		}
	}()
	result, err := c.Run(ctx)
	switch {
	case err != nil:
		result.Result = event.Failed
		result.Found = err.Error()
		if remedy := failure.Remedy(err); remedy != "" {
			result.Remedy = remedy
		}
	case result.Result == "":
		panic("it gave no result")
	}
	return result
}

// checked is the event that reports a result.
func checked(c event.Check) event.Event {
	message := fmt.Sprintf("%s: %s", c.Name, c.Result)
	if c.Found != "" {
		message += ": " + c.Found
	}
	return event.Event{Time: time.Now(), Kind: event.Checked, Message: message, Elapsed: c.Seconds, Remedy: c.Remedy, Check: &c}
}

// summarise returns nil when nothing failed, and else the error that says
// what did.
func summarise(results []event.Check) error {
	var failed []event.Check
	var failedNames, skipped []string
	for _, r := range results {
		switch r.Result {
		case event.Failed:
			failed = append(failed, r)
			failedNames = append(failedNames, r.Name)
		case event.Skipped:
			skipped = append(skipped, r.Name)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	summary := fmt.Sprintf("%d of %d preflight checks failed: %s", len(failed), len(results), strings.Join(failedNames, ", "))
	if len(skipped) > 0 {
		summary += fmt.Sprintf("; %d could not be made before these pass: %s", len(skipped), strings.Join(skipped, ", "))
	}
	err := &failure.Error{Code: failure.Preflight, Summary: summary, Remedy: "Do what each failed check asks for, then run the same command again."}
	if len(failed) == 1 {
		err.Err = errors.New(failed[0].Found)
		if failed[0].Remedy != "" {
			err.Remedy = failed[0].Remedy
		}
	}
	return err
}

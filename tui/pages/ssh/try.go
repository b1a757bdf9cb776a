package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

// atOnce is how many hosts are tried side by side, as many as a preflight
// does.
const atOnce = 16

// trial is how a host answered.
type trial struct {
	backend.Host
	err error
	// pinned says that it was asked by the key that is pinned for it.
	pinned bool
}

// keyOf tells hosts apart, also when another one has got the name.
func keyOf(h *v1alpha1.SSHHost) string { return h.Name + " " + h.Address }

// try asks the hosts that wanted says, in the background. The configuration is
// read with the files that it names, since they hold keys and hosts too.
func (s *site) try(wanted func(*v1alpha1.SSHHost) bool) func(context.Context) (func() form.Note, error) {
	name := s.draft.FileName()
	text, _, err := s.draft.Text(name)
	return func(ctx context.Context) (func() form.Note, error) {
		if err != nil {
			return nil, err
		}
		config, _ := v1alpha1.DecodeData(name, text)
		if config.SSHDatacenter == nil {
			return nil, errors.New("there is no " + v1alpha1.SSHDatacenterKind)
		}
		var mu sync.Mutex
		var wait sync.WaitGroup
		answers := map[string]trial{}
		turns := make(chan struct{}, atOnce)
		for _, h := range config.SSHDatacenter.Spec.Hosts {
			if !wanted(&h) || h.Address == "" {
				continue
			}
			wait.Go(func() {
				select {
				case turns <- struct{}{}:
				case <-ctx.Done():
					return
				}
				defer func() { <-turns }()
				answer, err := s.backend.Host(ctx, config.SSHDatacenter, h)
				mu.Lock()
				defer mu.Unlock()
				answers[keyOf(&h)] = trial{answer, err, h.HostKeyFingerprint != ""}
			})
		}
		wait.Wait()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return func() form.Note { return s.take(answers) }, nil
	}
}

// take notes what hosts have answered.
func (s *site) take(answers map[string]trial) form.Note {
	fit, unknown := 0, 0
	for key, answer := range answers {
		s.tried[key] = answer
		switch {
		case answer.err == nil && answer.pinned && len(answer.Problems) == 0:
			fit++
		case answer.err == nil && !answer.pinned:
			unknown++
		}
	}
	switch unfit := len(answers) - fit - unknown; {
	case len(answers) == 0:
		return form.Note{Level: form.Warning, Text: "No host has an address to be tried at."}
	case len(answers) == 1:
		return form.Note{} // said in full of the host that is shown
	case unfit == 0 && unknown == 0:
		return form.Note{Level: form.Info, Text: fmt.Sprintf("All %s can become nodes.", hardwarefile.Count(fit, "host"))}
	default:
		return form.Note{Level: form.Warning, Text: fmt.Sprintf("Of %s, %d can become nodes, %d have a key that nobody has compared yet, and %d have a problem; open the list of hosts to see which.",
			hardwarefile.Count(len(answers), "host"), fit, unknown, unfit)}
	}
}

// saidOf is what is known of a host, in a few words.
func (s *site) saidOf(h *host) string {
	var said []string
	if labels := hardwarefile.FormatLabels(h.Labels); labels != "" {
		said = append(said, labels)
	}
	answer, ok := s.tried[keyOf(&h.SSHHost)]
	switch {
	case !ok && h.HostKeyFingerprint == "" && h.own >= 0 && s.spec().KnownHostsFile == "":
		said = append(said, "no key pinned")
	case !ok:
	case answer.err != nil:
		said = append(said, answer.err.Error())
	case !answer.pinned && h.HostKeyFingerprint == "":
		said = append(said, "key to be compared")
	case len(answer.Problems) > 0:
		said = append(said, answer.Problems[0])
	case answer.OS != "":
		said = append(said, facts(&answer.Host))
	}
	return strings.Join(said, "; ")
}

func facts(h *backend.Host) string {
	return fmt.Sprintf("%s, %d CPUs, %d GiB memory, %d GiB disk free", h.OS, h.CPUs, h.MemoryGiB, h.DiskGiB)
}

// trialNotes say in full what a host answered.
func (s *site) trialNotes(h *host) []form.Note {
	answer, ok := s.tried[keyOf(&h.SSHHost)]
	if !ok {
		return nil
	}
	called := h.Name
	if called == "" {
		called = h.Address
	}
	if answer.err != nil {
		text := answer.err.Error()
		if remedy := failure.Remedy(answer.err); remedy != "" {
			text += "; " + remedy
		}
		return []form.Note{{Level: form.Error, Text: called + ": " + text}}
	}
	var notes []form.Note
	switch {
	case answer.pinned:
	case h.own < 0:
		notes = append(notes, form.Note{Level: form.Warning, Text: fmt.Sprintf("%s shows the key %s. Once you have compared it on the host, write it into the column ssh_host_key.", called, answer.Fingerprint)})
	case h.HostKeyFingerprint == "":
		notes = append(notes, form.Note{Level: form.Warning, Text: fmt.Sprintf("%s shows the key %s. Nothing logs in before you have compared it and chosen it as its key.", called, answer.Fingerprint)})
	default:
		notes = append(notes, form.Note{Level: form.Info, Text: fmt.Sprintf("The key of %s is pinned. ctrl+t logs in now.", called)})
	}
	for _, problem := range answer.Problems {
		notes = append(notes, form.Note{Level: form.Error, Text: called + ": " + problem})
	}
	if answer.OS != "" && len(answer.Problems) == 0 {
		notes = append(notes, form.Note{Level: form.Info, Text: fmt.Sprintf("%s can become a node: %s.", called, facts(&answer.Host))})
	}
	return notes
}

package node

import (
	"context"
	"strings"
)

const (
	logLines  = 15  // of a job's log in its status
	stepRunes = 240 // of a step, kubeadm's line included
)

// JobStatus is how far the last job is, in one round trip. After a finished
// Reset the host knows nothing any more: PhaseNone and a zero Owner. A job that
// did not end by itself is Failed and Interrupted.
func JobStatus(ctx context.Context, r Remote) (Status, error) {
	rep, err := run(ctx, r, "asking how far the host is", script("status", "jobstatus"), nil)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Job:     rep.get("job"),
		Owner:   rep.owner(),
		Phase:   Phase(rep.get("phase")),
		Step:    rep.get("step"),
		Log:     tail(redact(rep.log), logLines),
		BootID:  rep.get("boot-id"),
		Attempt: int(number(rep.get("attempt"))),
	}
	switch {
	case s.Phase == PhaseRunning && rep.get("interrupted") != "":
		s.Phase, s.Interrupted = PhaseFailed, true
		why := "it was stopped"
		if rep.get("job-boot") != s.BootID {
			why = "the host was restarted"
		}
		s.Step += " was interrupted: " + why
	case s.Phase == PhaseRunning && strings.HasPrefix(s.Step, "kubeadm ") && rep.get("line") != "":
		s.Step += ": " + rep.get("line")
	}
	s.Step = clip(redact(s.Step), stepRunes)
	return s, nil
}

package node

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// Claim writes the owner on the host. It is a *failure.Error when somebody
// else has it; of two that try at the same moment one gets it. An owner of
// the same cluster and machine but with another UID is the same: Cluster API
// gives new UIDs when it moves a cluster to another management cluster.
//
// The reset script is put on the host too, so that a person can run it.
func Claim(ctx context.Context, r Remote, o Owner) error {
	if err := o.validate(); err != nil {
		return err
	}
	rep, err := run(ctx, r, "claiming the host", script("claim"), strings.NewReader(resetScript()), o.args()...)
	if err != nil {
		return err
	}
	if rep.get("taken") == "" {
		return nil
	}
	return taken(rep, o)
}

// taken is the error for a host that another owner has.
func taken(rep report, o Owner) error {
	return &failure.Error{
		Code:    failure.Preflight,
		Summary: fmt.Sprintf("the host is wanted for the %s, but the %s (UID %s) has it", o, rep.owner(), rep.owner().UID),
		Object:  "host " + rep.get("hostname"),
		Remedy: "delete that machine or cluster, or choose another host; where that cluster is gone for good, " +
			"run `sh " + resetFile + "` on the host as root, which takes away what was put there",
	}
}

// validate keeps the owner's file one line a value.
func (o Owner) validate() error {
	for _, value := range []string{o.Cluster, o.Machine, o.UID} {
		if value == "" || strings.ContainsAny(value, "\n\r") {
			return fmt.Errorf("an owner needs a cluster, a machine and a UID, each of one line: %+v", o)
		}
	}
	return nil
}

// args are the owner as every script takes it.
func (o Owner) args() []string { return []string{o.Cluster, o.Machine, o.UID} }

package controllers

import (
	"context"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// Hosts connect to hosts. The errors are those of remote.Dial.
type Hosts interface {
	Connect(context.Context, remote.Target) (Host, error)
}

// Host is what the controllers have done on a host, over one connection; each
// is the function of package node that has its name.
type Host interface {
	Look(context.Context) (node.Facts, error)
	Claim(context.Context, node.Owner) error
	Install(context.Context, node.Work, func(message string, p remote.CopyProgress)) error
	Bootstrap(context.Context, node.Work) error
	Reset(context.Context, node.Owner) error
	JobStatus(context.Context) (node.Status, error)
	Close() error
}

// sshHosts are real ones.
type sshHosts struct{}

func (sshHosts) Connect(ctx context.Context, t remote.Target) (Host, error) {
	client, err := remote.Dial(ctx, t)
	if err != nil {
		return nil, err
	}
	return sshHost{client}, nil
}

type sshHost struct{ client *remote.Client }

func (h sshHost) Look(ctx context.Context) (node.Facts, error) { return node.Look(ctx, h.client) }

func (h sshHost) Claim(ctx context.Context, o node.Owner) error { return node.Claim(ctx, h.client, o) }

func (h sshHost) Install(ctx context.Context, w node.Work, onProgress func(string, remote.CopyProgress)) error {
	return node.Install(ctx, h.client, w, onProgress)
}

func (h sshHost) Bootstrap(ctx context.Context, w node.Work) error {
	return node.Bootstrap(ctx, h.client, w)
}

func (h sshHost) Reset(ctx context.Context, o node.Owner) error { return node.Reset(ctx, h.client, o) }

func (h sshHost) JobStatus(ctx context.Context) (node.Status, error) {
	return node.JobStatus(ctx, h.client)
}

func (h sshHost) Close() error { return h.client.Close() }

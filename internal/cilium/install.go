package cilium

import (
	"context"
	"errors"
	"fmt"

	"helm.sh/helm/v3/pkg/release"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// Install installs or upgrades Cilium, as the cluster's values say; where
// they and the chart are installed already, nothing is done. It does not wait
// for the pods, except for the preflight before another version. What a
// killed Helm left pending is taken up, and a Cilium that Helm did not install
// becomes Helm's. While the API does not answer, it tries again until ctx
// ends.
func Install(ctx context.Context, o Options) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	h, err := o.newHelm(c)
	if err != nil {
		return err
	}
	return h.patiently(ctx, h.install)
}

// Installed reports whether the release in the cluster is what Install would
// make, so that it would do nothing.
func Installed(ctx context.Context, o Options) (bool, error) {
	c, err := o.connect()
	if err != nil {
		return false, err
	}
	h, err := o.newHelm(c)
	if err != nil {
		return false, err
	}
	l, err := h.survey(ctx)
	if err != nil {
		return false, fmt.Errorf("look for Cilium's release: %w", err)
	}
	w, err := h.decide(l)
	return w.deed == nothing, err
}

// patiently tries again while errors may pass.
func (h *helm) patiently(ctx context.Context, try func(context.Context) error) error {
	wait := h.wait("Cilium's objects")
	for {
		err := try(ctx)
		var known *failure.Error
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return wait.cutShort(ctx.Err())
		case errors.As(err, &known):
			return err
		case !transient(err):
			return &failure.Error{
				Code: failure.AddOns, Summary: "Cilium cannot be installed", Object: "release " + namespace + "/" + releaseName, Err: err,
				Remedy: "mend what the API server says; then run the same command again: it takes up what is there",
			}
		}
		h.log().Debug("Cilium's installation is tried again", "error", err)
		wait.say("the cluster's API", err.Error(), 0, 0)
		if err := pause(ctx, 2*interval); err != nil {
			return wait.cutShort(ctx.Err())
		}
	}
}

// install does what is to be done, once.
func (h *helm) install(ctx context.Context) error {
	l, err := h.survey(ctx)
	if err != nil {
		return err
	}
	if l, err = h.takeUp(ctx, l); err != nil {
		return err
	}
	w, err := h.decide(l)
	if err != nil || w.deed == nothing {
		return err
	}
	h.announce(w, l)
	if h.needsPreflight(w, l) {
		if err := h.preflight(ctx, w, l); err != nil {
			return err
		}
	}
	_, err = inBackground(ctx, func() (*release.Release, error) { return h.do(ctx, w) })
	return err
}

// announce tells what is done to a Cilium that is there already.
func (h *helm) announce(w work, l live) {
	e := event.Event{Kind: event.Notice}
	switch {
	case w.deed == adopt:
		e.Message = fmt.Sprintf("Cilium runs already (%s) and was not installed by Helm: it becomes the Helm release %s/%s", l.agentImage, namespace, releaseName)
	case w.deed == upgrade && l.agentImage != "" && !sameImage(l.agentImage, w.values):
		e.Message = fmt.Sprintf("Cilium is upgraded from %s", l.agentImage)
	case w.deed == upgrade:
		e.Message = "Cilium's settings differ from the configuration: they are brought in line"
	default:
		return
	}
	h.sink().Emit(e)
	if l.kubeProxy && w.values["kubeProxyReplacement"] == true {
		h.sink().Emit(event.Event{
			Kind: event.Warning, Message: "Cilium replaces kube-proxy, as helmValues say, but a kube-proxy still runs",
			Remedy: "once Cilium is healthy, remove it: kubectl -n kube-system delete daemonset,configmap kube-proxy",
		})
	}
}

// inBackground runs what cannot be cancelled, and stops waiting for it when
// ctx ends: Helm's requests know no context.
func inBackground[T any](ctx context.Context, run func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := run()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

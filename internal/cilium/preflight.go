package cilium

import (
	"context"
	"errors"
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/cilium/pods"
	"groundwork.dev/bootstrap/internal/cilium/values"
)

// Before another version of Cilium is installed, its preflight fetches the
// image onto every node and lets the new version read the policies there are,
// as Cilium's documentation (Upgrade Guide, "Running pre-flight check") and
// EKS Anywhere do. It is a Helm release of its own, which is removed again.
const (
	preflightRelease = "cilium-preflight"
	preflightName    = "cilium-pre-flight-check"
	// cleanUpFor bounds the removal after the caller's context has ended.
	cleanUpFor = 20 * time.Second
)

// needsPreflight reports whether agents that run give way to another version.
// Where none is ready, there is nothing to protect.
func (h *helm) needsPreflight(w work, l live) bool {
	return (w.deed == upgrade || w.deed == adopt) && l.agentImage != "" && l.ready > 0 && !sameImage(l.agentImage, w.values)
}

func (h *helm) preflight(ctx context.Context, w work, l live) (err error) {
	if err := h.removePreflight(ctx); err != nil { // an earlier run's
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpFor)
		defer cancel()
		err = errors.Join(err, h.removePreflight(ctx))
	}()
	c, err := loadChart()
	if err != nil {
		return err
	}
	v := values.Values{}
	values.Merge(v, w.values)
	values.Merge(v, values.Values{
		"agent": false, "operator": values.Values{"enabled": false}, "hubble": values.Values{"enabled": false},
		"preflight": values.Values{"enabled": true, "image": v["image"]},
	})
	i := action.NewInstall(h.action)
	i.ReleaseName, i.Namespace, i.Timeout = preflightRelease, namespace, hookTimeout
	i.TakeOwnership, i.DisableOpenAPIValidation, i.Replace = true, true, true
	if _, err := inBackground(ctx, func() (*release.Release, error) { return i.RunWithContext(ctx, c, v) }); err != nil {
		return fmt.Errorf("start the preflight of Cilium's upgrade: %w", err)
	}
	return h.awaitPreflight(ctx, l.ready)
}

// awaitPreflight waits until the preflight's pods are ready beside as many
// agents as are, and the policies are found to be valid.
func (h *helm) awaitPreflight(ctx context.Context, agents int32) error {
	wait := h.wait("the preflight of Cilium's upgrade")
	var patience pods.Patience
	for {
		ready, list, err := h.lookAtPreflight(ctx, agents)
		switch {
		case ctx.Err() != nil:
			return wait.cutShort(ctx.Err())
		case err != nil:
			wait.say("the cluster's API", err.Error(), 0, 0)
		case ready:
			return nil
		default:
			if err := patience.Judge(list, time.Now()); err != nil {
				return err
			}
			object := "DaemonSet " + namespace + "/" + preflightName
			pod, word := pods.LastWord(ctx, h.cluster.clients, list, time.Now())
			if pod != nil {
				object = "Pod " + namespace + "/" + pod.Name
			}
			wait.say(object, word, pods.CountReady(list), len(list))
		}
		if err := pause(ctx, interval); err != nil {
			return wait.cutShort(ctx.Err())
		}
	}
}

func (h *helm) lookAtPreflight(ctx context.Context, agents int32) (bool, []corev1.Pod, error) {
	apps := h.cluster.clients.AppsV1()
	daemonSet, err := apps.DaemonSets(namespace).Get(ctx, preflightName, metav1.GetOptions{})
	if err != nil {
		return false, nil, err
	}
	valid := true
	deployment, err := apps.Deployments(namespace).Get(ctx, preflightName, metav1.GetOptions{})
	if there, err := exists(err); err != nil {
		return false, nil, err
	} else if there { // validateCNPs can be turned off
		valid = deployment.Status.ObservedGeneration == deployment.Generation && deployment.Status.ReadyReplicas > 0
	}
	if valid && daemonSet.Status.ObservedGeneration == daemonSet.Generation && daemonSet.Status.NumberReady >= agents {
		return true, nil, nil
	}
	list, err := h.cluster.clients.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{
		LabelSelector: "k8s-app in (cilium-pre-flight-check,cilium-pre-flight-check-deployment)",
	})
	if err != nil {
		return false, nil, err
	}
	return false, list.Items, nil
}

func (h *helm) removePreflight(ctx context.Context) error {
	u := action.NewUninstall(h.action)
	u.Timeout, u.IgnoreNotFound = hookTimeout, true
	_, err := inBackground(ctx, func() (*release.UninstallReleaseResponse, error) { return u.Run(preflightRelease) })
	if err != nil && !errors.Is(err, driver.ErrReleaseNotFound) {
		return fmt.Errorf("remove the preflight of Cilium's upgrade: %w", err)
	}
	return nil
}

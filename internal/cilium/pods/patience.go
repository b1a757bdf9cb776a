package pods

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"groundwork.dev/bootstrap/internal/failure"
)

// How long a trouble lasts before it counts as one that never goes away by
// itself. The kubelet asks for an image again after 10, 20, 40 … seconds and
// restarts a container likewise.
const (
	missingFor  = 30 * time.Second
	pullingFor  = 2 * time.Minute
	unusableFor = 2 * time.Minute
	// crashes is how often a container may crash: five take about 2.5
	// minutes. An agent whose API server is away crashes once or twice.
	crashes = 5
)

// Patience remembers since when pods are in trouble.
type Patience struct {
	since map[string]time.Time // by pod and kind
}

// Judge looks at pods and returns what never comes up, as a *failure.Error.
func (p *Patience) Judge(list []corev1.Pod, now time.Time) error {
	current := map[string]time.Time{}
	var lost error
	for i := range list {
		t, found := TroubleOf(&list[i])
		if !found {
			continue
		}
		key := t.Pod + " " + string(t.Kind)
		since, known := p.since[key]
		if !known {
			since = now
		}
		current[key] = since
		if lost == nil && t.hopeless(now.Sub(since)) {
			lost = t.failure()
		}
	}
	p.since = current
	return lost
}

func (t Trouble) hopeless(lasted time.Duration) bool {
	switch t.Kind {
	case Missing:
		return lasted >= missingFor
	case Pulling:
		return lasted >= pullingFor
	case Unusable:
		return lasted >= unusableFor
	case Crashing:
		return t.Restarts >= crashes
	}
	return false
}

func (t Trouble) failure() error {
	e := &failure.Error{Code: failure.AddOns, Object: "Pod " + t.Namespace + "/" + t.Pod, Err: errors.New(t.Word)}
	if t.Node != "" {
		e.Object += " on node " + t.Node
	}
	switch t.Kind {
	case Missing:
		e.Summary = "an image of Cilium is not there: " + t.What
		e.Remedy = "make the image available to the nodes: in the registry, in the registry mirror (registryMirrorConfiguration), or in the node files; or name another with helmValues. bootstrap images list -f FILE prints every image; then run the same command again"
	case Pulling:
		e.Summary = "an image of Cilium cannot be pulled: " + t.What
		e.Remedy = "let the node reach the registry, through proxyConfiguration or registryMirrorConfiguration where it has no direct way, or bring the image in the node files; then run the same command again"
	case Crashing:
		e.Summary = t.What + " crashes again and again"
		e.Remedy = fmt.Sprintf("mend what its last line says; the rest is in kubectl -n %s logs %s --all-containers --previous; then run the same command again", t.Namespace, t.Pod)
	default:
		e.Summary = t.What + " cannot be made"
		e.Remedy = fmt.Sprintf("mend what the kubelet says; the rest is in kubectl -n %s describe pod %s; then run the same command again", t.Namespace, t.Pod)
	}
	return e
}

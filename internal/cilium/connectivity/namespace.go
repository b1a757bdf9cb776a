package connectivity

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/cilium/runner"
)

const (
	prefix = "groundwork-connectivity-"
	// ownedLabel marks namespaces of this check.
	ownedLabel = "groundwork.dev/connectivity-check"
	// runnerNote names the process that a namespace belongs to.
	runnerNote = "groundwork.dev/connectivity-check-runner"
	// interval is how often the API is looked at.
	interval = 200 * time.Millisecond
)

// makeNamespace makes a namespace in which pods can do nothing but speak.
func (c Cluster) makeNamespace(ctx context.Context) (string, error) {
	labels := map[string]string{ownedLabel: "true", "app.kubernetes.io/managed-by": "groundwork"}
	for _, mode := range []string{"enforce", "audit", "warn"} {
		labels["pod-security.kubernetes.io/"+mode] = "restricted"
	}
	made, err := c.Clients.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: prefix, Labels: labels, Annotations: map[string]string{runnerNote: runner.Name()},
	}}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return made.Name, nil
}

// remove removes the pods at once, and has the namespace removed: for that
// Kubernetes takes its time, five seconds at least (namespaceDeletionGracePeriod
// of its namespace controller), which nobody has to wait for.
func (c Cluster) remove(ctx context.Context, namespace string) error {
	var now int64
	err := c.Clients.CoreV1().Pods(namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{})
	if err != nil {
		c.Log.Debug("the connectivity check's pods are left to the namespace's removal", "namespace", namespace, "error", err)
	}
	err = eventually(ctx, cleanUpFor, func() error {
		err := c.Clients.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{})
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // gone, or going
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove namespace %s: %w; remove it with kubectl delete namespace %[1]s", namespace, err)
	}
	return nil
}

// sweep removes the namespaces of runs that have ended without doing so.
func (c Cluster) sweep(ctx context.Context) error {
	list, err := c.Clients.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: ownedLabel + "=true"})
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range list.Items {
		if n.DeletionTimestamp == nil && abandoned(n.Annotations[runnerNote], time.Since(n.CreationTimestamp.Time)) {
			c.Log.Info("a killed connectivity check's namespace is removed", "namespace", n.Name)
			if err := c.Clients.CoreV1().Namespaces().Delete(ctx, n.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// abandoned reports whether the run that made a namespace has ended: its
// process is gone, or it is older than any run becomes.
func abandoned(by string, age time.Duration) bool {
	return age > longest+cleanUpFor || runner.Ended(by)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

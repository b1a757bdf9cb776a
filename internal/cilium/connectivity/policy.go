package connectivity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/event"
)

// policy is the agents' policy enforcement mode.
func (c Cluster) policy() string {
	return strings.ToLower(cmp.Or(c.Settings["enable-policy"], "default"))
}

// openAll lets the pods speak where nothing may without a policy that lets
// it. The guarded pod takes nothing in until the check opens it.
func (s *stage) openAll(ctx context.Context) error {
	notGuarded := metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
		{Key: nameLabel, Operator: metav1.LabelSelectorOpNotIn, Values: []string{guarded}},
	}}
	for _, p := range []*networkingv1.NetworkPolicy{
		{
			ObjectMeta: metav1.ObjectMeta{Name: "open-egress"},
			Spec: networkingv1.NetworkPolicySpec{
				PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
				Egress:      []networkingv1.NetworkPolicyEgressRule{{}},
			},
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "open-ingress"},
			Spec: networkingv1.NetworkPolicySpec{
				PodSelector: notGuarded,
				PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
				Ingress:     []networkingv1.NetworkPolicyIngressRule{{}},
			},
		},
	} {
		if _, err := s.Clients.NetworkingV1().NetworkPolicies(s.namespace).Create(ctx, p, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("make a policy that lets pods speak: %w", err)
		}
	}
	return nil
}

// guard sets what the guarded pod takes in: everything or nothing. In the
// modes in which no policy means everything, it opens by having none.
func (s *stage) guard(ctx context.Context, open bool) error {
	policies := s.Clients.NetworkingV1().NetworkPolicies(s.namespace)
	if err := policies.Delete(ctx, guarded, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	always := s.policy() == "always"
	if open && !always {
		return nil
	}
	p := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: guarded},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{nameLabel: guarded}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		},
	}
	if open {
		p.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{}}
	}
	_, err := policies.Create(ctx, p, metav1.CreateOptions{})
	return err
}

// policyBlocks opens a path, closes it by a policy, and opens it again, so
// that it is seen to be the policy that closes it.
func (s *stage) policyBlocks(ctx context.Context) outcome {
	const remedy = "see that every agent is well: bootstrap cilium status; and that no other policy selects all pods"
	failed := func(what string, err error) outcome {
		return outcome{event.Failed, fmt.Sprintf("%s: %v", what, err), remedy}
	}
	if s.policy() == "never" {
		return outcome{event.Skipped, "policyEnforcementMode is never: Cilium enforces no policy", ""}
	}
	from, to := s.probes[0], s.guarded
	path := fmt.Sprintf("%s to a pod on %s (%s)", from.node, to.node, to.address)
	open := func() error { return s.ask(ctx, from, to.address, port, answerIn) }

	if err := s.guard(ctx, true); err != nil {
		return failed("no policy could be made", err)
	}
	if err := eventually(ctx, patiently, open); err != nil {
		return failed(path+" does not work without the policy", err)
	}
	began := time.Now()
	if err := s.guard(ctx, false); err != nil {
		return failed("no policy could be made", err)
	}
	if err := eventually(ctx, patiently, func() error { return s.blocked(ctx, from, to) }); err != nil {
		return failed(path+" works in spite of the policy", err)
	}
	closed := time.Since(began) - blockedIn*time.Second
	if err := s.guard(ctx, true); err != nil {
		return failed("the policy could not be removed", err)
	}
	if err := eventually(ctx, patiently, open); err != nil {
		return failed(path+" does not work again without the policy", err)
	}
	return outcome{result: event.Passed, found: fmt.Sprintf("the policy closed the path after %.1f s; without it, it works", max(closed, 0).Seconds())}
}

// blocked returns an error unless a request is left without an answer.
func (s *stage) blocked(ctx context.Context, from, to probe) error {
	err := s.ask(ctx, from, to.address, port, blockedIn)
	var silent *unanswered
	switch {
	case err == nil:
		return errors.New("the request is answered")
	case errors.As(err, &silent):
		return nil
	}
	return err
}

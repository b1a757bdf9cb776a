package controllers_test

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// describe is what a failed test needs to know.
func (s *site) describe() string {
	text := ""
	machines, hosts := &infrav1.SSHMachineList{}, &infrav1.SSHHostList{}
	_ = s.List(context.Background(), machines, client.InNamespace(s.ns))
	_ = s.List(context.Background(), hosts, client.InNamespace(s.ns))
	for _, m := range machines.Items {
		text += fmt.Sprintf("SSHMachine %s %s\n", m.Name, m.Status.Phase)
		text += describeConditions(m.Status.Conditions)
	}
	for _, h := range hosts.Items {
		text += fmt.Sprintf("SSHHost %s %+v %v\n", h.Name, h.Spec.ConsumerRef, h.Annotations)
		text += describeConditions(h.Status.Conditions)
	}
	return text
}

func describeConditions(list []metav1.Condition) string {
	text := ""
	for _, c := range list {
		text += fmt.Sprintf("  %s=%s %s: %s\n", c.Type, c.Status, c.Reason, c.Message)
	}
	return text
}

package controllers

import (
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
)

// dirt is why a host that no machine has cannot be used: the reason and
// message of its condition Clean, "" where it can.
func dirt(facts node.Facts) (reason, message string) {
	if facts.Owner.UID != "" {
		return infrav1.OwnedByAnotherReason, fmt.Sprintf("the host records that machine %s of cluster %s has it",
			facts.Owner.Machine, facts.Owner.Cluster)
	}
	if left := slices.Concat(facts.Leftovers, facts.Runtimes); len(left) > 0 {
		return infrav1.LeftoversReason, "there are remains of a cluster on the host: " + some(left)
	}
	return "", ""
}

// refusal is why the machine cannot have a host that it has claimed, "" where
// it can: the reason and the message.
func refusal(facts node.Facts, w machineWork) (reason, message string) {
	if reason, message := dirt(facts); reason != "" {
		return reason, message
	}
	var unfit []string
	for _, problem := range preflight.Judge(facts, preflight.Requirement{
		Cluster: w.node.Owner.Cluster, Address: w.node.Address, ControlPlane: w.node.ControlPlane,
		Arch: w.node.Bundle.Index().Arch, OSFamily: v1alpha1.OSFamily(w.requirements.OSFamily),
		Cilium: w.requirements.Cilium, KubeProxy: w.requirements.KubeProxy,
		SwapAllowed: w.requirements.SwapAllowed, CgroupV1: w.requirements.CgroupV1Allowed, SetsTheClock: w.requirements.SetsTheClock,
	}) {
		if !problem.Bearable {
			unfit = append(unfit, problem.Found)
		}
	}
	if len(unfit) > 0 {
		return infrav1.HostUnfitReason, strings.Join(unfit, ", ")
	}
	return "", ""
}

// some names the first few.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

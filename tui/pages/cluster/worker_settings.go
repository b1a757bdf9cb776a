package cluster

import (
	"strconv"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// settings asks for what few groups need.
func (g *groups) settings(a asker, id string, index int) []form.Field {
	group := g.draft.Group(index)
	fields := []form.Field{
		a.ask(id+"labels", "Node labels", "labels", "name=value, one on each line.", pairs(&group.Labels)),
		a.ask(id+"taints", "Node taints", "taints", "key=value:Effect, one on each line. One group has to be without NoSchedule and NoExecute.", taints(&group.Taints)),
	}
	fields = append(fields, g.autoscaling(a.below("autoscalingConfiguration"), id, group)...)
	fields = append(fields,
		g.machineConfig(a, id, index),
		g.groupVersion(a, id, group),
		a.askYAML(id+"kubelet", "Kubelet configuration", "kubeletConfiguration", "Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) as YAML.", object(&group.KubeletConfiguration)),
	)
	fields = append(fields, groupRollout(a.below("upgradeRolloutStrategy"), id, group)...)
	fields = append(fields, healthCheck(a.below("machineHealthCheck"), id, &group.MachineHealthCheck, inherited(g.draft, draft.DefaultWorkersMaxUnhealthy))...)
	return advanced(fields...)
}

// autoscaling asks for the bounds of the Cluster Autoscaler.
func (g *groups) autoscaling(a asker, id string, group *v1alpha1.WorkerNodeGroupConfiguration) []form.Field {
	key := group.Name
	former := g.scaling[key]
	if former == nil && group.Count != nil {
		former = &v1alpha1.AutoScalingConfiguration{MinCount: *group.Count, MaxCount: *group.Count + 1}
	}
	fields := []form.Field{a.ask(id+"autoscaling", "Autoscaling", "", "Yes lets the Cluster Autoscaler, which you install, change the number of machines.",
		present(&group.AutoScalingConfiguration, func() *v1alpha1.AutoScalingConfiguration { return former }, func(was *v1alpha1.AutoScalingConfiguration) { g.scaling[key] = was }))}
	if scaling := group.AutoScalingConfiguration; scaling != nil {
		fields = append(fields,
			a.ask(id+"minCount", "At least", "minCount", "The fewest machines.", number(&scaling.MinCount)),
			a.ask(id+"maxCount", "At most", "maxCount", "The most machines.", number(&scaling.MaxCount)))
	}
	return fields
}

// ownMachines stands for a machine configuration of the group's own.
const ownMachines = "its own"

// machineConfig asks whether the group shares a machine configuration.
func (g *groups) machineConfig(a asker, id string, index int) form.Field {
	group := g.draft.Group(index)
	current := ""
	if group.MachineGroupRef != nil {
		current = group.MachineGroupRef.Name
	}
	shown, options := current, []form.Option{{Value: ownMachines, Detail: "a " + g.draft.MachineKind() + " for this group alone"}}
	for _, m := range g.draft.Machines() {
		if m.Name == current && len(m.Groups) == 1 {
			shown = ownMachines
			continue
		}
		options = append(options, form.Option{Value: m.Name, Detail: "as " + m.Groups[0]})
	}
	return choose(a.ask(id+"machines", "Machine configuration", "machineGroupRef", "Groups that share one have equal machines.", answer{
		get: func() string { return shown },
		set: func(chosen string) error {
			switch chosen {
			case shown, "":
			case ownMachines:
				g.draft.OwnMachine(index)
			default:
				g.draft.ShareMachine(index, chosen)
			}
			return nil
		},
	}), options...)
}

// clustersVersion stands for the version of the cluster.
const clustersVersion = "the cluster's"

func (g *groups) groupVersion(a asker, id string, group *v1alpha1.WorkerNodeGroupConfiguration) form.Field {
	own := optional(&group.KubernetesVersion)
	options := []form.Option{{Value: clustersVersion, Detail: string(g.draft.Config.Cluster.Spec.KubernetesVersion)}}
	for _, version := range g.backend.Versions() {
		options = append(options, form.Option{Value: version})
	}
	return choose(a.ask(id+"version", "Kubernetes", "kubernetesVersion", "At most two minors behind the cluster's.", answer{
		get: func() string {
			if version := own.get(); version != "" {
				return version
			}
			return clustersVersion
		},
		set: func(chosen string) error {
			if chosen == clustersVersion {
				chosen = ""
			}
			return own.set(chosen)
		},
	}), options...)
}

// groupRollout asks how the group's machines are replaced.
func groupRollout(a asker, id string, group *v1alpha1.WorkerNodeGroupConfiguration) []form.Field {
	strategy := group.UpgradeRolloutStrategy
	fields := []form.Field{rolloutKind(a, id+"rollout", strategy == nil, func() v1alpha1.UpgradeRolloutStrategyType { return strategy.Type },
		func(kind v1alpha1.UpgradeRolloutStrategyType) {
			group.UpgradeRolloutStrategy = nil
			if kind != "" {
				group.UpgradeRolloutStrategy = &v1alpha1.WorkerNodesUpgradeRolloutStrategy{Type: kind}
			}
			if kind == v1alpha1.RollingUpdateStrategyType {
				group.UpgradeRolloutStrategy.RollingUpdate = &v1alpha1.WorkerNodesRollingUpdateParams{MaxSurge: 1}
			}
		})}
	if strategy != nil && strategy.RollingUpdate != nil {
		fields = append(fields,
			a.ask(id+"maxSurge", "Extra in upgrades", "rollingUpdate.maxSurge", "So many new machines are made before old ones go.", number(&strategy.RollingUpdate.MaxSurge)),
			a.ask(id+"maxUnavailable", "Missing in upgrades", "rollingUpdate.maxUnavailable", "So many old machines go before new ones are there.", number(&strategy.RollingUpdate.MaxUnavailable)))
	}
	return fields
}

// present says whether something is there. fresh makes it, and gone is told
// what was there, to be had again.
func present[T any](value **T, fresh func() *T, gone func(*T)) answer {
	return answer{kind: form.Toggle,
		get: func() string { return strconv.FormatBool(*value != nil) },
		set: func(chosen string) error {
			switch yes := chosen == "true"; {
			case yes && *value == nil:
				*value = fresh()
				if *value == nil {
					*value = new(T)
				}
			case !yes && *value != nil:
				gone(*value)
				*value = nil
			}
			return nil
		}}
}

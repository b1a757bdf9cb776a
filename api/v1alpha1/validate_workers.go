package v1alpha1

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	kubeletapis "k8s.io/kubelet/pkg/apis"
)

func (v *validator) workers() {
	cluster := v.config.Cluster
	groups := cluster.Spec.WorkerNodeGroupConfigurations
	if len(groups) == 0 {
		v.noWorkers()
		return
	}
	names := map[string]int{}
	tainted := 0
	for i := range groups {
		group := &groups[i]
		path := fmt.Sprintf("spec.workerNodeGroupConfigurations[%d]", i)
		if first, twice := names[group.Name]; twice && group.Name != "" {
			v.cluster(path+".name", fmt.Sprintf("workerNodeGroupConfigurations[%d] has the same name %s", first, quote(group.Name)), "give one of them another name")
		} else {
			names[group.Name] = i
		}
		v.workerGroup(path, group)
		if repels(group.Taints) {
			tainted++
		}
	}
	if tainted == len(groups) && cluster.IsSelfManaged() {
		v.cluster("spec.workerNodeGroupConfigurations", "every worker group has a NoSchedule or NoExecute taint, so that the cluster's own components have nowhere to run",
			"leave one group without such a taint")
	}
}

func (v *validator) noWorkers() {
	spec := &v.config.Cluster.Spec
	if kind := spec.DatacenterRef.Kind; kind != TinkerbellDatacenterKind && kind != SSHDatacenterKind {
		v.cluster("spec.workerNodeGroupConfigurations", "there is no worker group", "add one; clusters without workers are for bare metal only")
		return
	}
	if len(spec.ControlPlaneConfiguration.Taints) > 0 {
		v.cluster("spec.controlPlaneConfiguration.taints", "the control plane is tainted, and there are no workers to run anything", "remove the taints or add a worker group")
	}
}

func repels(taints []corev1.Taint) bool {
	for _, t := range taints {
		if t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute {
			return true
		}
	}
	return false
}

func (v *validator) workerGroup(path string, group *WorkerNodeGroupConfiguration) {
	if v.required(v.config.Cluster, path+".name", group.Name, "write a name, such as md-1") && len(validation.IsDNS1123Label(group.Name)) > 0 {
		v.cluster(path+".name", fmt.Sprintf("%s is not a valid name of a worker group", quote(group.Name)),
			"use lower-case letters, digits and dashes; begin and end with a letter or digit")
	}
	// The MachineDeployment's name is also the value of a label.
	if full := v.config.Cluster.Name + "-" + group.Name; len(full) > validation.LabelValueMaxLength {
		v.cluster(path+".name", fmt.Sprintf("the cluster's and the group's name together have %d characters, and at most %d are allowed", len(full), validation.LabelValueMaxLength),
			"use a shorter name")
	}
	v.workerCount(path, group)
	v.machineGroup(path+".machineGroupRef", group.MachineGroupRef)
	v.taints(path+".taints", group.Taints)
	v.labels(path+".labels", group.Labels)
	v.workerRollout(path+".upgradeRolloutStrategy", group.UpgradeRolloutStrategy)
	if group.KubernetesVersion != nil && *group.KubernetesVersion != "" {
		v.workerVersion(*group.KubernetesVersion, v.config.Cluster.Spec.KubernetesVersion, path+".kubernetesVersion")
	}
	v.healthCheck(path+".machineHealthCheck", group.MachineHealthCheck, v.config.Cluster.Spec.MachineHealthCheck)
	v.kubelet(path+".kubeletConfiguration", group.KubeletConfiguration)
	v.groupFailureDomains(path+".failureDomains", group)
}

func (v *validator) workerCount(path string, group *WorkerNodeGroupConfiguration) {
	count := 0
	if group.Count != nil {
		count = *group.Count
	}
	if count < 0 {
		v.cluster(path+".count", fmt.Sprintf("the count is %d", count), "write 0 or more")
		return
	}
	scaling := group.AutoScalingConfiguration
	if scaling == nil {
		return
	}
	path += ".autoscalingConfiguration"
	switch {
	case scaling.MinCount < 0:
		v.cluster(path+".minCount", fmt.Sprintf("the least count is %d", scaling.MinCount), "write 0 or more")
	case scaling.MinCount > scaling.MaxCount:
		v.cluster(path+".minCount", fmt.Sprintf("the least count %d is greater than the greatest %d", scaling.MinCount, scaling.MaxCount), "write minCount less than or equal to maxCount")
	case count < scaling.MinCount || count > scaling.MaxCount:
		v.cluster(path, fmt.Sprintf("the group's count %d is not between minCount %d and maxCount %d", count, scaling.MinCount, scaling.MaxCount),
			"change the count or the range, or leave the count out")
	}
}

func (v *validator) workerRollout(path string, strategy *WorkerNodesUpgradeRolloutStrategy) {
	if strategy == nil {
		return
	}
	params := strategy.RollingUpdate
	v.rolloutType(path, strategy.Type, params != nil)
	if strategy.Type != RollingUpdateStrategyType {
		return
	}
	switch {
	case params == nil:
		v.cluster(path+".rollingUpdate", "the field is missing", "write maxSurge: 1 and maxUnavailable: 0 below it")
	case params.MaxSurge < 0 || params.MaxUnavailable < 0:
		v.cluster(path+".rollingUpdate", "maxSurge or maxUnavailable is negative", "write 0 or more")
	case params.MaxSurge == 0 && params.MaxUnavailable == 0:
		v.cluster(path+".rollingUpdate", "maxSurge and maxUnavailable are both 0, so that no machine could ever be replaced", "write 1 for one of them")
	}
}

// groupFailureDomains validates a group's failure domains: of vSphere, and
// one at most, since a MachineDeployment takes one.
func (v *validator) groupFailureDomains(path string, group *WorkerNodeGroupConfiguration) {
	if len(group.FailureDomains) == 0 {
		return
	}
	datacenter := v.config.VSphereDatacenter
	if v.config.Cluster.Spec.DatacenterRef.Kind != VSphereDatacenterKind {
		v.cluster(path, "failure domains are for vSphere only", "remove them")
		return
	}
	if len(group.FailureDomains) > 1 {
		v.cluster(path, fmt.Sprintf("the group names %d failure domains, and it can be in one", len(group.FailureDomains)), "write one group for each failure domain")
	}
	if datacenter == nil {
		return
	}
	var known []string
	for _, domain := range datacenter.Spec.FailureDomains {
		known = append(known, domain.Name)
	}
	for i, name := range group.FailureDomains {
		if !slices.Contains(known, name) {
			v.cluster(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("there is no failure domain %s in %s/%s", quote(name), VSphereDatacenterKind, datacenter.Name),
				choose(name, known))
		}
	}
}

func (v *validator) taints(path string, taints []corev1.Taint) {
	seen := map[corev1.Taint]bool{}
	for i, taint := range taints {
		at := fmt.Sprintf("%s[%d]", path, i)
		if errs := validation.IsQualifiedName(taint.Key); len(errs) > 0 {
			v.cluster(at+".key", fmt.Sprintf("%s is not a taint's key: %s", quote(taint.Key), errs[0]), "write a key such as dedicated or example.com/dedicated")
		}
		if errs := validation.IsValidLabelValue(taint.Value); len(errs) > 0 {
			v.cluster(at+".value", fmt.Sprintf("%s is not a taint's value: %s", quote(taint.Value), errs[0]), "use letters, digits, dashes, dots and underscores")
		}
		effects := []string{string(corev1.TaintEffectNoSchedule), string(corev1.TaintEffectPreferNoSchedule), string(corev1.TaintEffectNoExecute)}
		if !slices.Contains(effects, string(taint.Effect)) {
			v.cluster(at+".effect", fmt.Sprintf("there is no taint effect %s", quote(string(taint.Effect))), choose(string(taint.Effect), effects))
		}
		unique := corev1.Taint{Key: taint.Key, Effect: taint.Effect}
		if seen[unique] {
			v.cluster(at, fmt.Sprintf("the taint %s with effect %s is there twice", quote(taint.Key), taint.Effect), "keep one of them")
		}
		seen[unique] = true
	}
}

func (v *validator) labels(path string, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		value := labels[key]
		at := path + "[" + key + "]"
		if errs := validation.IsQualifiedName(key); len(errs) > 0 {
			v.cluster(at, fmt.Sprintf("%s is not a label's name: %s", quote(key), errs[0]), "write a name such as team or example.com/team")
		}
		if errs := validation.IsValidLabelValue(value); len(errs) > 0 {
			v.cluster(at, fmt.Sprintf("%s is not a label's value: %s", quote(value), errs[0]), "use at most 63 letters, digits, dashes, dots and underscores")
		}
		if prefix, _, found := strings.Cut(key, "/"); found && isKubernetesDomain(prefix) && !kubeletapis.IsKubeletLabel(key) {
			v.cluster(at, fmt.Sprintf("the kubelet refuses to start with the label %s: names in kubernetes.io and k8s.io are reserved", quote(key)),
				"use another prefix, or node.kubernetes.io")
		}
	}
}

func isKubernetesDomain(prefix string) bool {
	for _, domain := range []string{"kubernetes.io", "k8s.io"} {
		if prefix == domain || strings.HasSuffix(prefix, "."+domain) {
			return true
		}
	}
	return false
}

var percentage = regexp.MustCompile(`^(100|[1-9]?[0-9])%$`)

// healthCheck validates a health check but for what it has from inherited,
// where it is validated already.
func (v *validator) healthCheck(path string, check, inherited *MachineHealthCheck) {
	if check == nil {
		return
	}
	if inherited == nil {
		inherited = &MachineHealthCheck{}
	}
	timeout := func(name string, own, from *metav1.Duration) {
		// Cluster API counts in whole seconds.
		if own != nil && own != from && own.Duration < time.Second {
			v.cluster(path+"."+name, fmt.Sprintf("the timeout %s is below one second", own.Duration), "write a longer one, such as 5m")
		}
	}
	timeout("nodeStartupTimeout", check.NodeStartupTimeout, inherited.NodeStartupTimeout)
	timeout("unhealthyMachineTimeout", check.UnhealthyMachineTimeout, inherited.UnhealthyMachineTimeout)
	if most := check.MaxUnhealthy; most != nil && most != inherited.MaxUnhealthy {
		valid := most.Type == intstr.Int && most.IntVal >= 0 || most.Type == intstr.String && percentage.MatchString(most.StrVal)
		if !valid {
			v.cluster(path+".maxUnhealthy", fmt.Sprintf("%s is neither a number of machines nor a percentage", quote(most.String())), "write a number, or a percentage such as \"40%\"")
		}
	}
}

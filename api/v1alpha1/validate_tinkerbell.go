package v1alpha1

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

func (v *validator) tinkerbell() {
	if v.config.TinkerbellDatacenter != nil {
		v.tinkerbellDatacenter(v.config.TinkerbellDatacenter)
	}
	for _, m := range byName(v.config.TinkerbellMachines) {
		v.tinkerbellMachine(m)
	}
	for _, t := range byName(v.config.TinkerbellTemplates) {
		v.tinkerbellTemplate(t)
	}
	if v.config.Cluster.Spec.DatacenterRef.Kind == TinkerbellDatacenterKind {
		v.bareMetalCluster()
		v.osImages()
	}
}

func (v *validator) tinkerbellDatacenter(d *TinkerbellDatacenterConfig) {
	if v.required(d, "spec.tinkerbellIP", d.Spec.TinkerbellIP, "write an unused IP address of the machines' network") {
		switch address, err := netip.ParseAddr(d.Spec.TinkerbellIP); {
		case err != nil || !address.Is4():
			v.add(d, "spec.tinkerbellIP", fmt.Sprintf("%s is not an IPv4 address", quote(d.Spec.TinkerbellIP)), "write an unused IP address of the machines' network")
		case v.endpointHost() == address.String():
			v.add(d, "spec.tinkerbellIP", fmt.Sprintf("the address %s is the control plane's endpoint too", address), "use two addresses")
		}
	}
	v.url(d, "spec.osImageURL", d.Spec.OSImageURL)
	v.url(d, "spec.hookImagesURLPath", d.Spec.HookImagesURLPath)
	if iso := d.Spec.HookIsoURL; iso != "" {
		v.url(d, "spec.hookIsoURL", iso)
		if !d.Spec.IsoBoot {
			v.add(d, "spec.hookIsoURL", "the field has no effect unless isoBoot is true", "write isoBoot: true, or remove hookIsoURL")
		}
		if path.Ext(iso) != ".iso" {
			v.add(d, "spec.hookIsoURL", "the URL does not end in .iso", "write the URL of an ISO image")
		}
	}
	if v.config.Cluster.Spec.ProxyConfiguration != nil {
		v.required(d, "spec.hookImagesURLPath", d.Spec.HookImagesURLPath, "with a proxy, host the installation environment where machines reach it without, and write its URL")
	}
}

func (v *validator) endpointHost() string {
	if e := v.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint; e != nil {
		return e.Host
	}
	return ""
}

// url validates a URL that may be absent.
func (v *validator) url(object any, field, text string) {
	if text == "" {
		return
	}
	if u, err := url.ParseRequestURI(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		v.add(object, field, "this is not an http or https URL", "write one such as http://files.example.com/image.gz")
	}
}

func (v *validator) tinkerbellMachine(m *TinkerbellMachineConfig) {
	v.hardware(m)
	v.osFamily(m, m.Spec.OSFamily)
	v.url(m, "spec.osImageURL", m.Spec.OSImageURL)
	if len(m.Spec.Users) == 0 {
		v.add(m, "spec.users", "the machines have no user", "write a name and SSH public keys")
	}
	v.users(m, m.Spec.Users)
	v.hostOS(m, m.Spec.HostOSConfiguration, m.Spec.OSFamily)
	if m.Spec.TemplateRef != (Ref{}) {
		v.ref(m, "spec.templateRef", &m.Spec.TemplateRef, []string{TinkerbellTemplateConfigKind}, func(string) []string { return keys(v.config.TinkerbellTemplates) })
	}
}

func (v *validator) hardware(m *TinkerbellMachineConfig) {
	selector, affinity := m.Spec.HardwareSelector, m.Spec.HardwareAffinity
	switch {
	case len(selector) > 0 && affinity != nil:
		v.add(m, "spec.hardwareSelector", "hardwareSelector and hardwareAffinity exclude each other", "keep one of them")
	case len(selector) == 0 && affinity == nil:
		v.add(m, "spec.hardwareSelector", "nothing says which servers to use", "write a label of the hardware file, such as type: cp")
	case len(selector) > 1:
		v.add(m, "spec.hardwareSelector", fmt.Sprintf("there are %d labels, and one is supported", len(selector)), "keep one, or use hardwareAffinity")
	}
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		value := selector[key]
		if len(validation.IsQualifiedName(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
			v.add(m, "spec.hardwareSelector["+key+"]", fmt.Sprintf("%s: %s is not a label", quote(key), quote(value)), "write a label of the hardware file")
		}
	}
	if affinity == nil {
		return
	}
	const path = "spec.hardwareAffinity"
	if len(affinity.Required) == 0 {
		v.add(m, path+".required", "there is no required term", "write at least one")
	}
	for i := range affinity.Required {
		v.selector(m, fmt.Sprintf("%s.required[%d].labelSelector", path, i), &affinity.Required[i].LabelSelector)
	}
	for i := range affinity.Preferred {
		term, at := &affinity.Preferred[i], fmt.Sprintf("%s.preferred[%d]", path, i)
		if term.Weight < 1 || term.Weight > 100 {
			v.add(m, at+".weight", fmt.Sprintf("the weight is %d", term.Weight), "write a number from 1 to 100")
		}
		v.selector(m, at+".hardwareAffinityTerm.labelSelector", &term.HardwareAffinityTerm.LabelSelector)
	}
}

func (v *validator) selector(m *TinkerbellMachineConfig, path string, selector *metav1.LabelSelector) {
	for i, expression := range selector.MatchExpressions {
		at := fmt.Sprintf("%s.matchExpressions[%d]", path, i)
		switch expression.Operator {
		case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
			if len(expression.Values) == 0 {
				v.add(m, at+".values", fmt.Sprintf("the operator %s needs values", expression.Operator), "write a list of values")
			}
		case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
			if len(expression.Values) > 0 {
				v.add(m, at+".values", fmt.Sprintf("the operator %s has no values", expression.Operator), "remove them")
			}
		default:
			v.oneOf(m, at+".operator", string(expression.Operator), []string{"In", "NotIn", "Exists", "DoesNotExist"})
		}
	}
}

// tinkerbellTemplateVersion is the only version that Tinkerbell has.
const tinkerbellTemplateVersion = "0.1"

func (v *validator) tinkerbellTemplate(t *TinkerbellTemplateConfig) {
	const path = "spec.template"
	workflow := &t.Spec.Template
	if workflow.Version != tinkerbellTemplateVersion {
		v.add(t, path+".version", fmt.Sprintf("there is no version %s of templates", quote(workflow.Version)), fmt.Sprintf("write version: %q", tinkerbellTemplateVersion))
	}
	v.required(t, path+".name", workflow.Name, "write a name")
	if workflow.GlobalTimeout < 0 {
		v.add(t, path+".global_timeout", "the timeout is negative", "write a number of seconds, such as 6000")
	}
	if len(workflow.Tasks) == 0 {
		v.add(t, path+".tasks", "the template has no tasks", "write one with the actions that install a machine")
	}
	for i := range workflow.Tasks {
		task, at := &workflow.Tasks[i], fmt.Sprintf("%s.tasks[%d]", path, i)
		v.required(t, at+".name", task.Name, "write a name")
		if len(task.Actions) == 0 {
			v.add(t, at+".actions", "the task has no actions", "write the actions that install a machine")
		}
		for j := range task.Actions {
			action, at := &task.Actions[j], fmt.Sprintf("%s.actions[%d]", at, j)
			v.required(t, at+".name", action.Name, "write a name")
			v.required(t, at+".image", action.Image, "write the action's image")
		}
	}
}

// bareMetalCluster validates EKS Anywhere's rules for the whole of a bare
// metal cluster (pkg/providers/tinkerbell/assert.go and validate.go).
func (v *validator) bareMetalCluster() {
	spec := &v.config.Cluster.Spec
	if spec.ExternalEtcdConfiguration != nil {
		v.cluster("spec.externalEtcdConfiguration", "etcd on machines of its own is not for bare metal", "remove the field")
	}
	strategy := RollingUpdateStrategyType
	if s := spec.ControlPlaneConfiguration.UpgradeRolloutStrategy; s != nil {
		strategy = s.Type
	}
	controlPlane := v.config.tinkerbellMachine(spec.ControlPlaneConfiguration.MachineGroupRef)
	if controlPlane != nil && strategy == InPlaceStrategyType && controlPlane.Spec.OSFamily == Bottlerocket {
		v.cluster("spec.controlPlaneConfiguration.upgradeRolloutStrategy.type", "Bottlerocket cannot be upgraded in place", "write RollingUpdate")
	}
	for i := range spec.WorkerNodeGroupConfigurations {
		group, path := &spec.WorkerNodeGroupConfigurations[i], fmt.Sprintf("spec.workerNodeGroupConfigurations[%d]", i)
		own := RollingUpdateStrategyType
		if group.UpgradeRolloutStrategy != nil {
			own = group.UpgradeRolloutStrategy.Type
		}
		m := v.config.tinkerbellMachine(group.MachineGroupRef)
		switch {
		case own != strategy:
			v.cluster(path+".upgradeRolloutStrategy.type", fmt.Sprintf("the workers' strategy %s is not the control plane's %s", own, strategy), "use one strategy for all machines")
		case m != nil && own == InPlaceStrategyType && m.Spec.OSFamily == Bottlerocket:
			v.cluster(path+".upgradeRolloutStrategy.type", "Bottlerocket cannot be upgraded in place", "write RollingUpdate")
		}
		if strategy == InPlaceStrategyType && group.AutoScalingConfiguration != nil {
			v.cluster(path+".autoscalingConfiguration", "autoscaling and in-place upgrades exclude each other", "remove one of them")
		}
		if m != nil && controlPlane != nil && m.Spec.OSFamily != controlPlane.Spec.OSFamily {
			v.add(m, "spec.osFamily", fmt.Sprintf("the workers' family %s is not the control plane's %s", m.Spec.OSFamily, controlPlane.Spec.OSFamily), "use one family for all machines")
		}
	}
}

// osImages validates where the image of every machine comes from, and that
// its name has the Kubernetes version in it, as EKS Anywhere wants.
func (v *validator) osImages() {
	datacenter := v.config.TinkerbellDatacenter
	if datacenter == nil {
		return
	}
	spec := &v.config.Cluster.Spec
	type use struct {
		ref     *Ref
		version KubernetesVersion
	}
	uses := []use{{spec.ControlPlaneConfiguration.MachineGroupRef, spec.KubernetesVersion}}
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		version := spec.KubernetesVersion
		if group.KubernetesVersion != nil && *group.KubernetesVersion != "" {
			version = *group.KubernetesVersion
		}
		uses = append(uses, use{group.MachineGroupRef, version})
	}
	var seen []use
	for _, u := range uses {
		m := v.config.tinkerbellMachine(u.ref)
		if m == nil || slices.ContainsFunc(seen, func(s use) bool { return *s.ref == *u.ref && s.version == u.version }) {
			continue
		}
		seen = append(seen, u)
		v.osImage(datacenter, m, u.version)
	}
}

func (v *validator) osImage(d *TinkerbellDatacenterConfig, m *TinkerbellMachineConfig, version KubernetesVersion) {
	object, image := any(m), m.Spec.OSImageURL
	switch {
	case image != "" && d.Spec.OSImageURL != "":
		v.add(m, "spec.osImageURL", "the image is given here and in the "+TinkerbellDatacenterKind+" too", "keep one of them")
		return
	case image == "" && d.Spec.OSImageURL != "":
		object, image = d, d.Spec.OSImageURL
	case image == "" && m.Spec.OSFamily == Bottlerocket:
		return
	case image == "":
		v.add(m, "spec.osImageURL", "nothing says which image to install", "write osImageURL here, or once in the "+TinkerbellDatacenterKind)
		return
	}
	plain := strings.NewReplacer("-", "", ".", "", "_", "")
	if !strings.Contains(plain.Replace(image), plain.Replace(string(version))) {
		v.add(object, "spec.osImageURL", fmt.Sprintf("the image's name does not have Kubernetes %s in it", version),
			fmt.Sprintf("use an image for this version, and name it so, such as ubuntu-%s.gz", strings.ReplaceAll(string(version), ".", "-")))
	}
}

// tinkerbellMachine is the machine configuration that ref names, or nil.
func (c *Config) tinkerbellMachine(ref *Ref) *TinkerbellMachineConfig {
	if ref == nil || ref.Kind != TinkerbellMachineConfigKind {
		return nil
	}
	return c.TinkerbellMachines[ref.Name]
}

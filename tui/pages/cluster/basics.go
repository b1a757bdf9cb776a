package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// basics asks what the cluster is called and how its control plane is made.
func basics(d *draft.Draft, b backend.Backend) form.Page {
	return form.Page{
		ID: "cluster", Title: "Cluster",
		Intro: "The cluster's name, its version of Kubernetes, and its control plane.",
		Fields: func() []form.Field {
			name := asker{draft: d, object: draft.Object(v1alpha1.ClusterKind, d.Name()), prefix: "metadata"}
			spec := ofCluster(d, "")
			fields := []form.Field{
				example(name.ask("name", "Name", "name", "Machines and other objects are named after it. Lower-case letters, digits and dashes, at most 35.", answer{
					kind: form.Text, get: d.Name,
					set: func(typed string) error { d.Rename(strings.TrimSpace(typed)); return nil },
				}), "production"),
				versions(spec.ask("version", "Kubernetes", "kubernetesVersion", "The minor version of the control plane and, unless a group says otherwise, of the workers.",
					text(&d.Config.Cluster.Spec.KubernetesVersion)), b, d.Config.Cluster.Spec.KubernetesVersion),
			}
			return append(fields, controlPlane(d)...)
		},
		Notes: func() []form.Note {
			object, field := d.ClusterField("controlPlaneConfiguration")
			return notes(d, at(object, field))
		},
	}
}

// versions offers the Kubernetes minors that can be installed.
func versions(f form.Field, b backend.Backend, own v1alpha1.KubernetesVersion) form.Field {
	f.Kind = form.Choice
	f.Options = func(context.Context) ([]form.Option, error) {
		known := b.Versions()
		if own != "" && !slices.Contains(known, string(own)) {
			known = append([]string{string(own)}, known...)
		}
		var options []form.Option
		for _, version := range known {
			options = append(options, form.Option{Value: version})
		}
		return options, nil
	}
	return f
}

// controlPlane asks for the control plane's machines and settings.
func controlPlane(d *draft.Draft) []form.Field {
	cp, a := d.ControlPlane(), ofCluster(d, "controlPlaneConfiguration")
	if cp.Endpoint == nil {
		cp.Endpoint = &v1alpha1.Endpoint{}
	}
	fields := []form.Field{
		a.ask("count", "Control-plane machines", "count", "An odd number, since etcd runs on them: 3 survive the loss of one, 5 of two; 1 is for trials.", number(&cp.Count)),
		means(a.ask("endpoint", "API endpoint", "endpoint.host", "Where the API server is reached: an unused address of the machines' network, outside DHCP's range. It moves between the control-plane machines.", text(&cp.Endpoint.Host)), "an unused IP address"),
	}
	fields = append(fields, advanced(
		a.ask("ownBalancer", "Own load balancer", "skipLoadBalancerDeployment", "Yes, where the endpoint is a load balancer of the site: kube-vip is left out, and the endpoint may be a name.", toggle(&cp.SkipLoadBalancerDeployment)),
		a.ask("certSans", "Certificate names", "certSans", "Further addresses and names in the API server's certificate, one on each line.", lines(&cp.CertSANs)),
		a.ask("labels", "Node labels", "labels", "name=value, one on each line.", pairs(&cp.Labels)),
		a.ask("taints", "Node taints", "taints", "key=value:Effect, one on each line. Without any, the control plane has Kubernetes' own taint.", taints(&cp.Taints)),
		a.ask("apiServerArgs", "API server flags", "apiServerExtraArgs", "flag=value, one on each line, without dashes before the flag.", pairs(&cp.APIServerExtraArgs)),
		a.askYAML("kubelet", "Kubelet configuration", "kubeletConfiguration", "Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) as YAML.", object(&cp.KubeletConfiguration)),
		a.ask("audit", "Audit policy", "auditPolicyContent", "A Policy of audit.k8s.io/v1 as YAML; empty is the default policy.", block(&cp.AuditPolicyContent)),
		a.ask("skipAdmission", "Exempt kube-system", "skipAdmissionForSystemResources", "Yes exempts the resources of kube-system from admission webhooks.", toggleOr(&cp.SkipAdmissionForSystemResources, false)),
	)...)
	fields = append(fields, controlPlaneRollout(d)...)
	return append(fields, healthCheck(a.below("machineHealthCheck"), "", &cp.MachineHealthCheck, inherited(d, draft.DefaultControlPlaneMaxUnhealthy))...)
}

// controlPlaneRollout asks how the control plane's machines are replaced.
func controlPlaneRollout(d *draft.Draft) []form.Field {
	cp, a := d.ControlPlane(), ofCluster(d, "controlPlaneConfiguration.upgradeRolloutStrategy")
	fields := []form.Field{rolloutKind(a, "rollout", cp.UpgradeRolloutStrategy == nil, func() v1alpha1.UpgradeRolloutStrategyType {
		return cp.UpgradeRolloutStrategy.Type
	}, func(kind v1alpha1.UpgradeRolloutStrategyType) {
		cp.UpgradeRolloutStrategy = nil
		if kind != "" {
			cp.UpgradeRolloutStrategy = &v1alpha1.ControlPlaneUpgradeRolloutStrategy{Type: kind}
		}
		if kind == v1alpha1.RollingUpdateStrategyType {
			cp.UpgradeRolloutStrategy.RollingUpdate = &v1alpha1.ControlPlaneRollingUpdateParams{MaxSurge: 1}
		}
	})}
	if s := cp.UpgradeRolloutStrategy; s != nil && s.RollingUpdate != nil {
		fields = append(fields, a.ask("maxSurge", "Extra in upgrades", "rollingUpdate.maxSurge",
			"1 makes a new machine before an old one goes; 0 needs no spare machine.", number(&s.RollingUpdate.MaxSurge)))
	}
	return advanced(fields...)
}

// byDefault stands for a strategy that is left out.
const byDefault = "default"

// rolloutKind asks for the kind of a rollout strategy; "" leaves it out.
func rolloutKind(a asker, id string, none bool, get func() v1alpha1.UpgradeRolloutStrategyType, set func(v1alpha1.UpgradeRolloutStrategyType)) form.Field {
	return choose(a.ask(id, "Upgrade strategy", "type", "How machines are replaced. The default makes a new machine before an old one goes. InPlace is not supported yet.", answer{
		kind: form.Choice,
		get: func() string {
			if none {
				return byDefault
			}
			return string(get())
		},
		set: func(chosen string) error {
			if chosen == byDefault {
				chosen = ""
			}
			if kind := v1alpha1.UpgradeRolloutStrategyType(chosen); none != (kind == "") || !none && kind != get() {
				set(kind)
			}
			return nil
		},
	}), form.Option{Value: byDefault, Detail: "one more machine at a time"},
		form.Option{Value: string(v1alpha1.RollingUpdateStrategyType), Detail: "with numbers of your own"},
		form.Option{Value: string(v1alpha1.InPlaceStrategyType), Detail: "not supported yet"})
}

// count is a number and what it is of.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

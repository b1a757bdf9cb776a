package cluster

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/sizing"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// network asks for the cluster's address ranges and its network plugin.
func network(d *draft.Draft) form.Page {
	known, at := []form.Note(nil), -1
	return form.Page{
		ID: "network", Title: "Network",
		Intro: "The ranges are used inside the cluster alone, and must not be in use at your site.",
		Fields: func() []form.Field {
			spec, a := &d.Config.Cluster.Spec.ClusterNetwork, ofCluster(d, "clusterNetwork")
			fields := []form.Field{
				example(a.ask("pods", "Pods", "pods.cidrBlocks", "The range that pods have their addresses from. Each node takes a part of it.", one(&spec.Pods.CidrBlocks)), "192.168.0.0/16"),
				example(a.ask("services", "Services", "services.cidrBlocks", "The range that services have their addresses from.", one(&spec.Services.CidrBlocks)), "10.96.0.0/12"),
			}
			fields = append(fields, advanced(
				means(a.ask("nodeMask", "Node mask", "nodes.cidrMaskSize", "The size of each node's part: 24 is 256 addresses.", nodeMask(&spec.Nodes)), "24"),
				means(a.ask("resolvConf", "resolv.conf", "dns.resolvConf.path", "The file on the nodes that pods' name resolution starts from, such as /run/systemd/resolve/resolv.conf.", resolvConf(&spec.DNS)), "the nodes' own"),
			)...)
			return append(fields, cni(d)...)
		},
		Notes: func() []form.Note {
			if at != d.Changes() {
				known, at = findings(d), d.Changes()
			}
			return known
		},
	}
}

// findings are what the ranges allow, and where they collide.
func findings(d *draft.Draft) []form.Note {
	var all []form.Note
	for _, f := range sizing.Of(d.Config).Findings() {
		note := form.Note{Text: f.Text}
		if f.Warning {
			note.Level = form.Warning
		}
		all = append(all, note)
	}
	return all
}

func nodeMask(nodes **v1alpha1.Nodes) answer {
	own := v1alpha1.Nodes{}
	if *nodes != nil {
		own = **nodes
	}
	value := numberOr(&own.CIDRMaskSize)
	set := value.set
	value.set = func(typed string) error {
		if err := set(typed); err != nil {
			return err
		}
		*nodes = nil
		if own.CIDRMaskSize != nil {
			*nodes = &own
		}
		return nil
	}
	return value
}

func resolvConf(dns *v1alpha1.DNS) answer {
	return answer{kind: form.Text,
		get: func() string {
			if dns.ResolvConf == nil {
				return ""
			}
			return dns.ResolvConf.Path
		},
		set: func(typed string) error {
			path := ""
			if err := text(&path).set(typed); err != nil {
				return err
			}
			dns.ResolvConf = nil
			if path != "" {
				dns.ResolvConf = &v1alpha1.ResolvConf{Path: path}
			}
			return nil
		}}
}

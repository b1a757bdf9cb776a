package create

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
)

// Report is what a finished create has to tell.
type Report struct {
	Cluster    string `json:"cluster"`
	Kubernetes string `json:"kubernetes"`
	Rehearsal  bool   `json:"rehearsal"`
	Kubeconfig string `json:"kubeconfig"`
	// Phases are the steps with their times, over all runs.
	Phases []workflow.Attempt `json:"phases"`
	// Objects were applied, in this order.
	Objects  []string        `json:"objects"`
	Machines []event.Machine `json:"machines"`
	// NetworkPlugin is what Cilium's chart holds with the cluster's values,
	// in a rehearsal.
	NetworkPlugin []cilium.Object `json:"networkPlugin,omitempty"`
	// Connectivity is what was checked between pods; empty where nothing was.
	Connectivity []event.Check `json:"connectivity,omitempty"`
	// BootstrapCluster is the stages of its start.
	BootstrapCluster []bootstrapcluster.Stage `json:"bootstrapCluster"`
	// VMs are the virtual machines of the simulated site, and Site is what it
	// saw, in order; both are empty for a real one.
	VMs  []rehearsal.Machine `json:"vms,omitempty"`
	Site []rehearsal.Action  `json:"site,omitempty"`
}

func (i *installation) report(journal *workflow.Journal) *Report {
	r := &Report{
		Cluster: i.Config.Cluster.Name, Kubernetes: i.session.Plan.Release.Version, Rehearsal: i.Rehearsal,
		Kubeconfig: i.State.Path(state.KubeconfigFile), Phases: workflow.Attempts(journal.Entries(), Command),
		Objects: i.objects, Machines: i.tracker.Machines(), BootstrapCluster: i.session.Stages(),
		NetworkPlugin: i.networkPlugin, Connectivity: i.connectivity,
	}
	if i.session.Site != nil {
		r.VMs, r.Site = i.session.Site.Machines(), i.session.Site.Actions()
	}
	return r
}

// String is the report as text.
func (r *Report) String() string {
	var b strings.Builder
	title := "Cluster"
	if r.Rehearsal {
		title = "Rehearsed cluster"
	}
	fmt.Fprintf(&b, "%s %s is ready: Kubernetes %s, %d machines\n\n", title, r.Cluster, r.Kubernetes, len(r.Machines))
	table(&b, "PHASE\tSECONDS", len(r.Phases), func(n int) string {
		return fmt.Sprintf("%s\t%.1f", r.Phases[n].Title, r.Phases[n].Seconds)
	})
	table(&b, "MACHINE\tROLE\tSTAGE\tADDRESS", len(r.Machines), func(n int) string {
		m := r.Machines[n]
		return fmt.Sprintf("%s\t%s\t%s\t%s", m.Name, m.Role, m.Stage, m.Address)
	})
	fmt.Fprintf(&b, "Objects made: %s\n", strings.Join(r.Objects, ", "))
	if len(r.NetworkPlugin) > 0 {
		fmt.Fprintf(&b, "Cilium:       %s\n", strings.Join(kindsOf(r.NetworkPlugin), ", "))
	}
	fmt.Fprintf(&b, "Kubeconfig:   %s\n", r.Kubeconfig)
	return b.String()
}

// kindsOf names each object as Kind/name.
func kindsOf(objects []cilium.Object) []string {
	names := make([]string, len(objects))
	for n, o := range objects {
		names[n] = o.Kind + "/" + o.Name
	}
	return names
}

func table(b *strings.Builder, header string, rows int, row func(int) string) {
	if rows == 0 {
		return
	}
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, header)
	for n := range rows {
		fmt.Fprintln(w, row(n))
	}
	w.Flush()
	b.WriteByte('\n')
}

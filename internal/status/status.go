// Package status tells how far a cluster is, from its state on this machine.
package status

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/workflow"
)

// Cluster is the status of one cluster.
type Cluster struct {
	Name string `json:"name"`
	// Command is what was done last: "create cluster" or "delete cluster".
	Command string `json:"command,omitempty"`
	// Running is who works on it now, nil when nobody does.
	Running *state.Owner       `json:"running,omitempty"`
	Steps   []workflow.Attempt `json:"steps"`
	// Machines are as they were last seen.
	Machines []event.Machine `json:"machines"`
	// Seen is when that was.
	Seen time.Time `json:"seen,omitzero"`
	// Kubeconfig is the path of the administrator's kubeconfig, once there is one.
	Kubeconfig string `json:"kubeconfig,omitempty"`
}

// Read reads the status of the cluster whose state dir is. It changes nothing
// and needs no lock.
func Read(dir *state.Dir) (*Cluster, error) {
	c := &Cluster{Name: dir.Cluster()}
	owner, running, err := dir.Owner()
	if err != nil {
		return nil, err
	}
	if running {
		c.Running = &owner
	}
	if err := c.readJournal(dir); err != nil {
		return nil, err
	}
	snapshot, err := progress.ReadSnapshot(dir)
	if err != nil {
		return nil, err
	}
	c.Machines, c.Seen = snapshot.Machines, snapshot.Time
	if _, err := dir.ReadFile(state.KubeconfigFile); err == nil {
		c.Kubeconfig = dir.Path(state.KubeconfigFile)
	}
	return c, nil
}

func (c *Cluster) readJournal(dir *state.Dir) error {
	file := state.JournalFile
	deleting, err := dir.DeletionBegun()
	if err != nil {
		return err
	}
	if deleting {
		file = state.DeleteJournalFile
	}
	entries, err := workflow.ReadJournal(dir.Path(file))
	if err != nil || len(entries) == 0 {
		return err
	}
	c.Command = entries[len(entries)-1].Command
	c.Steps = workflow.Attempts(entries, c.Command)
	return nil
}

// All reads the status of every cluster that has state below root.
func All(root string) ([]*Cluster, error) {
	names, err := state.List(root)
	if err != nil {
		return nil, err
	}
	clusters := []*Cluster{}
	for _, name := range names {
		dir, err := state.Find(root, name)
		if err != nil {
			return nil, err
		}
		cluster, err := Read(dir)
		if err != nil {
			return nil, fmt.Errorf("read the status of %s: %w", name, err)
		}
		clusters = append(clusters, cluster)
	}
	return clusters, nil
}

// Print writes the status of one cluster, for people or as JSON.
func Print(w io.Writer, c *Cluster, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(c)
	}
	fmt.Fprintf(w, "Cluster:    %s\nLast:       %s\nNow:        %s\n", c.Name, orNone(c.Command), c.now())
	if c.Kubeconfig != "" {
		fmt.Fprintf(w, "Kubeconfig: %s\n", c.Kubeconfig)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nSTEP\tSTATE\tSECONDS\tTRIES")
	for _, s := range c.Steps {
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%d\n", s.Title, s.Last, s.Seconds, s.Tries)
	}
	if err := t.Flush(); err != nil || len(c.Machines) == 0 {
		return err
	}
	fmt.Fprintln(t, "\nMACHINE\tROLE\tSTAGE\tADDRESS\tLAST WORD")
	for _, m := range c.Machines {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.Role, m.Stage, m.Address, m.LastWord)
	}
	return t.Flush()
}

// PrintAll writes a line for each cluster, or all of them as JSON.
func PrintAll(w io.Writer, clusters []*Cluster, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(clusters)
	}
	if len(clusters) == 0 {
		_, err := fmt.Fprintln(w, "no cluster is known on this machine")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CLUSTER\tLAST\tMACHINES\tNOW")
	for _, c := range clusters {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", c.Name, orNone(c.Command), len(c.Machines), c.now())
	}
	return t.Flush()
}

func (c *Cluster) now() string {
	switch {
	case c.Running != nil:
		return fmt.Sprintf("%s, process %d since %s", c.Running.Command, c.Running.PID, c.Running.Since.Local().Format(time.DateTime))
	case len(c.Steps) == 0:
		return "nothing was made"
	}
	last := c.Steps[len(c.Steps)-1]
	return fmt.Sprintf("nobody works on it; last step: %s, %s", last.Title, last.Last)
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

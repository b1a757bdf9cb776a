package node

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// Bootstrap starts the bootstrap data on the host, detached; where it runs or
// is done for this owner, nothing is done. A job that failed or was interrupted
// is started again, after what it left has been cleaned up: who does not want
// that asks JobStatus first. The host must have been claimed and installed.
//
// Commands run one after the other, each in a shell of its own. When kubeadm's
// fails, the job fails; a failure of another is noted and the job goes on, as
// with cloud-init. The data is an error where it needs more than write_files,
// users, ntp and runcmd.
func Bootstrap(ctx context.Context, r Remote, w Work) error {
	if err := w.Owner.validate(); err != nil {
		return err
	}
	p, err := bootstrapPlan(w)
	if err != nil {
		return err
	}
	p.extra = map[string][]byte{"job.sh": []byte(jobScript())}
	data, err := p.tar()
	if err != nil {
		return err
	}
	rep, err := run(ctx, r, "starting the bootstrap", script("status", "start"), bytes.NewReader(data), w.Owner.args()...)
	if err != nil {
		return err
	}
	switch rep.get("answer") {
	case "taken":
		return taken(rep, w.Owner)
	case "reset":
		return &failure.Error{
			Code:    failure.Infrastructure,
			Summary: "the host is being reset",
			Object:  "host " + w.Hostname,
			Remedy:  "wait until the reset is through",
		}
	}
	return nil
}

// jobScript is what runs on the host as the bootstrap's unit.
func jobScript() string { return script("installed", "status", "pods", "etcd", "users", "ntp", "job") }

// bootstrapPlan is the data as calls of job.sh, in cloud-init's order: files,
// users, time, commands.
func bootstrapPlan(w Work) (*plan, error) {
	config, err := parseCloudConfig(w.BootstrapData, metadata{w.Hostname, w.InstanceID, w.Address})
	if err != nil {
		return nil, err
	}
	kinds := commandKinds(config.RunCmd)
	p := &plan{}
	p.call("prepare", leftBy(config.RunCmd, w.ControlPlane))
	p.call("hostname_of_node", w.Hostname)
	for _, file := range config.WriteFiles {
		if err := file.call(p); err != nil {
			return nil, bootstrapDataError(err)
		}
	}
	for _, user := range config.Users {
		if err := user.calls(p); err != nil {
			return nil, bootstrapDataError(err)
		}
	}
	config.NTP.call(p)
	for i, command := range config.RunCmd {
		p.call("run_command", p.content([]byte(command)), title(string(command)), kinds[i])
	}
	return p, nil
}

// leftBy says what an interrupted attempt may leave in the cluster.
func leftBy(commands []runCmd, controlPlane bool) string {
	joins := slices.ContainsFunc(commands, func(c runCmd) bool { return strings.Contains(string(c), "kubeadm join") })
	if controlPlane && joins {
		return "etcd"
	}
	return "nothing"
}

// commandKinds says of each command what its failure means. The one that
// writes the sentinel is kubeadm's. Data without one is not Cluster API's:
// then every command must succeed.
func commandKinds(commands []runCmd) []string {
	kinds := make([]string, len(commands))
	critical := slices.IndexFunc(commands, func(c runCmd) bool { return strings.Contains(string(c), sentinel) })
	for i := range commands {
		switch {
		case critical < 0 && i < len(commands)-1:
			kinds[i] = "strict"
		case critical < 0 || i == critical:
			kinds[i] = "critical"
		case i < critical:
			kinds[i] = "before"
		default:
			kinds[i] = "after"
		}
	}
	return kinds
}

// call adds the time servers to the plan.
func (n *ntp) call(p *plan) {
	if n == nil || n.Enabled != nil && !*n.Enabled || len(n.Servers)+len(n.Pools) == 0 {
		return
	}
	var chrony strings.Builder
	for _, server := range n.Servers {
		fmt.Fprintf(&chrony, "server %s iburst\n", server)
	}
	for _, pool := range n.Pools {
		fmt.Fprintf(&chrony, "pool %s iburst\n", pool)
	}
	timesyncd := "[Time]\nNTP=" + strings.Join(slices.Concat(n.Servers, n.Pools), " ") + "\n"
	p.call("set_ntp", p.content([]byte(timesyncd)), p.content([]byte(chrony.String())))
}

var (
	kubeadmCommand = regexp.MustCompile(`\bkubeadm (init|join)\b`)
	// subcommand is a second word that says what is done.
	subcommand = regexp.MustCompile(`^[a-z][a-z-]*$`)
	// speaking are programs whose second word is a subcommand.
	speaking = []string{"apt-get", "crictl", "ctr", "dnf", "hostnamectl", "ip", "kubeadm", "kubectl", "systemctl", "timedatectl", "update-ca-trust", "yum"}
	program  = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
)

// title is what a command is called in the status: its program and what that
// is to do, never its arguments.
func title(command string) string {
	if match := kubeadmCommand.FindStringSubmatch(command); match != nil {
		return "kubeadm " + match[1]
	}
	fields := strings.Fields(command)
	for len(fields) > 0 && (slices.Contains([]string{"if", "!", "[", "{", "(", "set", "sudo", "exec", "test"}, fields[0]) || strings.Contains(fields[0], "=")) {
		fields = fields[1:]
	}
	for i, field := range fields {
		fields[i] = strings.Trim(field, `'";`)
	}
	if len(fields) == 0 || !program.MatchString(fields[0]) {
		return "a command"
	}
	name := path.Base(fields[0])
	if len(fields) > 1 && slices.Contains(speaking, name) && subcommand.MatchString(fields[1]) {
		name += " " + fields[1]
	}
	return name
}

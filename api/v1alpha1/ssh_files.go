package v1alpha1

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/providers/baremetal/hardware"
)

// hardwareRow is where a host stands in a hardware file.
type hardwareRow struct {
	file string
	row  int
}

// hardwareColumns are the columns of a host's fields.
var hardwareColumns = map[string]string{
	"name": "hostname", "address": "ip_address", "labels": "labels",
	"user": "ssh_user", "port": "ssh_port", "keyFile": "ssh_key_file", "hostKeyFingerprint": "ssh_host_key",
}

// hostProblem is a problem with a field of a host, in the hardware file where
// the host comes from there.
func (c *Config) hostProblem(host int, field, message, remedy string) Problem {
	row, ok := c.hardwareRows[host]
	if !ok {
		return c.problemAt(c.SSHDatacenter, fmt.Sprintf("spec.hosts[%d].%s", host, field), message, remedy)
	}
	name, _, _ := strings.Cut(field, "[")
	return Problem{File: row.file, Line: row.row, Column: 1, Object: c.SSHDatacenter.Spec.Hosts[host].Name,
		Field: hardwareColumns[name], Message: message, Remedy: remedy}
}

// readSSHFiles makes the SSH datacenter whole: its paths absolute, with what
// the hardware file and the known_hosts file say. folder is that of the
// configuration file.
func (c *Config) readSSHFiles(folder string) Problems {
	d := c.SSHDatacenter
	problems := c.absolutePaths(folder)
	// The files are read by absolute paths alone.
	if filepath.IsAbs(d.Spec.HardwareFile) {
		problems = append(problems, c.readHardwareFile()...)
	}
	for i := range d.Spec.Hosts {
		if _, fromFile := c.hardwareRows[i]; fromFile {
			problems = append(problems, c.absolute(&d.Spec.Hosts[i].KeyFile, folder, func(message, remedy string) Problem {
				return c.hostProblem(i, "keyFile", message, remedy)
			})...)
		}
	}
	d.setDefaults()
	if filepath.IsAbs(d.Spec.KnownHostsFile) {
		problems = append(problems, c.readPins()...)
	}
	return problems
}

// absolutePaths makes the paths in the configuration file absolute.
func (c *Config) absolutePaths(folder string) (problems Problems) {
	spec := &c.SSHDatacenter.Spec
	resolve := func(path *string, field string) {
		problems = append(problems, c.absolute(path, folder, func(message, remedy string) Problem {
			return c.problemAt(c.SSHDatacenter, field, message, remedy)
		})...)
	}
	common := spec.KeyFile
	resolve(&spec.HardwareFile, "spec.hardwareFile")
	resolve(&spec.KnownHostsFile, "spec.knownHostsFile")
	resolve(&spec.KeyFile, "spec.keyFile")
	if !isURL(spec.NodeFiles.Location) {
		resolve(&spec.NodeFiles.Location, "spec.nodeFiles.location")
	}
	for i := range spec.Hosts {
		if host := &spec.Hosts[i]; host.KeyFile == common {
			host.KeyFile = spec.KeyFile
		} else {
			resolve(&host.KeyFile, fmt.Sprintf("spec.hosts[%d].keyFile", i))
		}
	}
	return problems
}

// absolute makes a path absolute: "~/" is the home folder of who runs the
// program, anything else is below folder. What is no path is left to
// validation.
func (c *Config) absolute(path *string, folder string, problem func(message, remedy string) Problem) Problems {
	switch home, rest, _ := strings.Cut(*path, "/"); {
	case *path == "" || isKeyMaterial(*path) || filepath.IsAbs(*path):
		return nil
	case home == "~":
		own, err := os.UserHomeDir()
		if err != nil {
			return Problems{problem("the home folder that ~ stands for is not known: "+err.Error(), "write the path out")}
		}
		*path = filepath.Join(own, rest)
	case strings.HasPrefix(home, "~"):
		return Problems{problem(fmt.Sprintf("the home folder of another user, %s, is not looked up", quote(home)), "write the path out")}
	default:
		*path = filepath.Join(folder, *path)
	}
	return nil
}

// readHardwareFile adds the machines of the hardware file to the hosts.
func (c *Config) readHardwareFile() Problems {
	spec := &c.SSHDatacenter.Spec
	machines, err := hardware.LoadCSV(spec.HardwareFile, hardware.ForSSH())
	var wrong hardware.Problems
	if errors.As(err, &wrong) {
		return c.hardwareProblems(wrong)
	}
	c.hardwareRows = map[int]hardwareRow{}
	for _, m := range machines {
		c.hardwareRows[len(spec.Hosts)] = hardwareRow{spec.HardwareFile, m.Row}
		spec.Hosts = append(spec.Hosts, SSHHost{
			Name: m.Hostname, Address: m.Address.Addr().String(), Labels: m.Labels,
			User: m.SSH.User, Port: m.SSH.Port, KeyFile: m.SSH.KeyFile, HostKeyFingerprint: m.SSH.HostKeyFingerprint,
		})
	}
	spec.HardwareFile = ""
	return nil
}

// hardwareProblems are the problems of the hardware file. One of the whole
// file is a problem with the field that names it.
func (c *Config) hardwareProblems(wrong hardware.Problems) (problems Problems) {
	for _, p := range wrong {
		if p.Row == 0 {
			problems = append(problems, c.problemAt(c.SSHDatacenter, "spec.hardwareFile", p.File+": "+p.Message, p.Remedy))
			continue
		}
		problems = append(problems, Problem{File: p.File, Line: p.Row, Column: p.Position, Object: p.Machine, Field: p.Column, Message: p.Message, Remedy: p.Remedy})
	}
	return problems
}

// readPins pins hosts that have no fingerprint by the known_hosts file.
func (c *Config) readPins() Problems {
	spec := &c.SSHDatacenter.Spec
	known, problems := readKnownHosts(spec.KnownHostsFile)
	if known == nil {
		if len(problems) == 1 && problems[0].Line == 0 {
			p := problems[0]
			return Problems{c.problemAt(c.SSHDatacenter, "spec.knownHostsFile", p.File+": "+p.Message,
				"correct the path, or write a hostKeyFingerprint for every host")}
		}
		return problems
	}
	for i := range spec.Hosts {
		host := &spec.Hosts[i]
		if line, revoked := known.revoked[host.HostKeyFingerprint]; revoked {
			problems = append(problems, c.hostProblem(i, "hostKeyFingerprint", fmt.Sprintf("line %d of %s revokes this key", line, known.path),
				revokedRemedy))
		}
		if host.HostKeyFingerprint != "" {
			continue
		}
		fingerprint, problem, remedy := known.pin(host)
		if problem != "" {
			problems = append(problems, c.hostProblem(i, "hostKeyFingerprint", problem, remedy))
		}
		host.HostKeyFingerprint = fingerprint
	}
	spec.KnownHostsFile = ""
	return problems
}

// pinRemedy says how to get a host's fingerprint.
func pinRemedy(host *SSHHost) string {
	scan := "ssh-keyscan -t ed25519 " + host.Address
	if host.Port != DefaultSSHPort {
		scan = fmt.Sprintf("ssh-keyscan -t ed25519 -p %d %s", host.Port, host.Address)
	}
	return fmt.Sprintf("write what `%s | ssh-keygen -lf -` prints (SHA256:…), once it is what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says on the host itself", scan)
}

// ResolveHost is a host as Load would have it, wherever it comes from: with
// the datacenter's defaults, its paths absolute, and pinned by the known_hosts
// file where it has no fingerprint. Relative paths are below folder. Problems
// are those of the paths and of the known_hosts file.
func (d *SSHDatacenterConfig) ResolveHost(host SSHHost, folder string) (SSHHost, error) {
	own := *d
	own.Spec.HardwareFile, own.Spec.NodeFiles, own.Spec.Hosts = "", NodeFiles{}, []SSHHost{host}
	c := &Config{SSHDatacenter: &own}
	problems := c.readSSHFiles(folder)
	return own.Spec.Hosts[0], problems.errorOrNil()
}

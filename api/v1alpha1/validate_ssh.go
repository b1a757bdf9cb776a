package v1alpha1

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

func (v *validator) ssh() {
	if d := v.config.SSHDatacenter; d != nil {
		v.sshDatacenter(d)
	}
	for _, m := range byName(v.config.SSHMachines) {
		v.sshMachine(m)
	}
	if d := v.config.SSHDatacenter; d != nil && v.config.Cluster.Spec.DatacenterRef.Kind == SSHDatacenterKind && d.Spec.HardwareFile == "" {
		if len(d.Spec.Hosts) > 0 {
			v.enoughHosts()
		}
		v.sshEndpoint(d)
	}
}

func (v *validator) sshDatacenter(d *SSHDatacenterConfig) {
	spec := &d.Spec
	v.sshPort(spec.Port, func(message, remedy string) { v.add(d, "spec.port", message, remedy) })
	v.sshUser(spec.User, func(message, remedy string) { v.add(d, "spec.user", message, remedy) })
	v.keyFile(spec.KeyFile, func(message, remedy string) { v.add(d, "spec.keyFile", message, remedy) })
	for _, file := range []struct{ field, path string }{{"spec.hardwareFile", spec.HardwareFile}, {"spec.knownHostsFile", spec.KnownHostsFile}} {
		if isURL(file.path) {
			v.add(d, file.field, "this is a URL, and it must be the path of a file", "download the file, and write its path")
		}
	}
	v.nodeFiles(d)
	if len(spec.Hosts) == 0 && spec.HardwareFile == "" {
		v.add(d, "spec.hosts", "there are no hosts", "write them here, or name a hardwareFile that holds them")
		return
	}
	v.hosts(d)
}

func isURL(location string) bool { return strings.Contains(location, "://") }

// sha256Digest is a digest as OCI writes it
// (github.com/opencontainers/image-spec, descriptor.md).
var sha256Digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (v *validator) nodeFiles(d *SSHDatacenterConfig) {
	const field = "spec.nodeFiles"
	files := &d.Spec.NodeFiles
	const remedy = "write the path of a bundle, which `bootstrap images export` makes"
	if files.Digest != "" && !sha256Digest.MatchString(files.Digest) {
		v.add(d, field+".digest", fmt.Sprintf("%s is not a SHA-256 digest", quote(files.Digest)), "write sha256: and 64 digits and letters a to f, as `bootstrap images export` prints them")
	}
	if !v.required(d, field+".location", files.Location, remedy) {
		return
	}
	if !isURL(files.Location) {
		if extension := path.Ext(files.Location); slices.Contains([]string{".tgz", ".gz", ".zst", ".xz", ".zip"}, extension) {
			v.add(d, field+".location", fmt.Sprintf("a bundle is a directory or a .tar file, not a %s file", extension), "unpack it, and write the path of the directory or of the .tar file")
		}
		return
	}
	// It may hold a password: it is not quoted.
	switch u, err := url.Parse(files.Location); {
	case err != nil || u.Host == "":
		v.add(d, field+".location", "this is not a URL", "write one such as https://files.example.com/bundle, or a path")
	case u.Scheme == "http":
		v.add(d, field+".location", "over http anyone on the way can change the files", "use an https URL, or download the bundle and write its path")
	case u.Scheme != "https":
		v.add(d, field+".location", fmt.Sprintf("node files are taken from a path or an https URL, and not by %s", quote(u.Scheme)), "write the path of a bundle, or an https URL")
	case u.User != nil:
		v.add(d, field+".location", "the URL has credentials in it, and the file must not hold any", "let the server admit this machine by its address, or download the bundle and write its path")
	case files.Digest == "":
		v.add(d, field+".digest", "the digest is missing, and a bundle from a URL must have one", "write the digest of the bundle, which `bootstrap images export` prints")
	}
}

func (v *validator) sshMachine(m *SSHMachineConfig) {
	spec := &m.Spec
	if len(spec.HardwareSelector) == 0 {
		v.add(m, "spec.hardwareSelector", "nothing says which hosts to use", "write a label of the hosts, such as type: cp")
	}
	for _, key := range slices.Sorted(maps.Keys(spec.HardwareSelector)) {
		if value := spec.HardwareSelector[key]; !isLabel(key, value) {
			v.add(m, "spec.hardwareSelector["+key+"]", fmt.Sprintf("%s: %s is not a label", quote(key), quote(value)), "write a label of the hosts")
		}
	}
	switch spec.OSFamily {
	case "", Ubuntu, Debian, RedHat:
	case Bottlerocket:
		v.add(m, "spec.osFamily", "Bottlerocket cannot be made a node over SSH: it has no shell and no package of its own for it", "use hosts with Ubuntu, Debian or Red Hat, or leave the field out")
	default:
		v.oneOf(m, "spec.osFamily", string(spec.OSFamily), []string{string(Ubuntu), string(Debian), string(RedHat)})
	}
	v.users(m, spec.Users)
	if host := spec.HostOSConfiguration; host != nil {
		if host.BottlerocketConfiguration != nil {
			v.add(m, "spec.hostOSConfiguration.bottlerocketConfiguration", "the field is for Bottlerocket only, which no host over SSH runs", "remove it")
		}
		if len(host.CertBundles) > 0 && spec.OSFamily == "" {
			v.add(m, "spec.osFamily", "the field is missing, and where certBundles go depends on it", "write ubuntu, debian or redhat")
		}
		v.hostOS(m, &HostOSConfiguration{NTPConfiguration: host.NTPConfiguration, CertBundles: host.CertBundles}, spec.OSFamily)
	}
}

// sshEndpoint validates that the control plane's endpoint is an address that
// no host has: kube-vip gives it to one machine after the other. Where the
// site has a load balancer of its own, the endpoint may also be that of the
// one host that can be the control plane.
func (v *validator) sshEndpoint(d *SSHDatacenterConfig) {
	const field = "spec.controlPlaneConfiguration.endpoint.host"
	endpoint := v.endpointHost()
	host := slices.IndexFunc(d.Spec.Hosts, func(h SSHHost) bool { return h.Address == endpoint })
	if host < 0 || endpoint == "" {
		return
	}
	name := quote(d.Spec.Hosts[host].Name)
	cp := &v.config.Cluster.Spec.ControlPlaneConfiguration
	if !cp.SkipLoadBalancerDeployment {
		v.cluster(field, fmt.Sprintf("the address is that of the host %s, and kube-vip must be free to give it to any control-plane machine", name),
			"write an unused address of the hosts' network; or, for one control-plane host without kube-vip, skipLoadBalancerDeployment: true")
		return
	}
	m := v.config.sshMachine(cp.MachineGroupRef)
	if m == nil || !m.Spec.HardwareSelector.Matches(d.Spec.Hosts[host].Labels) {
		return
	}
	others := 0
	for i := range d.Spec.Hosts {
		if i != host && m.Spec.HardwareSelector.Matches(d.Spec.Hosts[i].Labels) {
			others++
		}
	}
	if cp.Count > 1 || others > 0 {
		v.cluster(field, fmt.Sprintf("the address is that of the host %s, and %d other hosts can become the control plane", name, others),
			"write the address of a load balancer; or use one control-plane host, with a label that only it has")
	}
}

// unsupportedOverSSH is what vSphere has and hosts over SSH cannot have.
func (v *validator) unsupportedOverSSH() {
	spec := &v.config.Cluster.Spec
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		if own := group.KubernetesVersion; own != nil && *own != "" && *own != spec.KubernetesVersion {
			v.cluster(fmt.Sprintf("spec.workerNodeGroupConfigurations[%d].kubernetesVersion", i),
				fmt.Sprintf("the workers' version %s is not the cluster's %s, and the node files are of one version", *own, spec.KubernetesVersion), "remove the field")
		}
	}
}

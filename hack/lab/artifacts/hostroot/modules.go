package hostroot

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// module is a kernel module that kubeadm, Cilium or iptables load by name.
type module struct {
	// path is its place in the kernel's tree of modules, without the suffix.
	path string
	// option is the kernel's configuration option.
	option string
}

var wanted = []module{
	{"fs/overlayfs/overlay", "OVERLAY_FS"},
	{"net/bridge/bridge", "BRIDGE"},
	{"net/bridge/br_netfilter", "BRIDGE_NETFILTER"},
	{"net/netfilter/nf_conntrack", "NF_CONNTRACK"},
	{"net/netfilter/nf_tables", "NF_TABLES"},
	{"net/netfilter/nf_nat", "NF_NAT"},
	{"net/ipv4/netfilter/ip_tables", "IP_NF_IPTABLES"},
	{"net/ipv4/netfilter/iptable_nat", "IP_NF_NAT"},
	{"net/ipv4/netfilter/iptable_filter", "IP_NF_FILTER"},
	{"net/ipv4/netfilter/iptable_mangle", "IP_NF_MANGLE"},
	{"net/ipv4/netfilter/iptable_raw", "IP_NF_RAW"},
	{"net/ipv6/netfilter/ip6_tables", "IP6_NF_IPTABLES"},
	{"net/ipv6/netfilter/ip6table_nat", "IP6_NF_NAT"},
	{"net/ipv6/netfilter/ip6table_filter", "IP6_NF_FILTER"},
	{"net/ipv6/netfilter/ip6table_mangle", "IP6_NF_MANGLE"},
	{"net/ipv6/netfilter/ip6table_raw", "IP6_NF_RAW"},
	{"net/netfilter/xt_socket", "NETFILTER_XT_MATCH_SOCKET"},
	{"net/netfilter/xt_TPROXY", "NETFILTER_XT_TARGET_TPROXY"},
	{"net/netfilter/xt_mark", "NETFILTER_XT_MARK"},
	{"net/netfilter/xt_CT", "NETFILTER_XT_TARGET_CT"},
	{"net/netfilter/xt_comment", "NETFILTER_XT_MATCH_COMMENT"},
	{"net/netfilter/ipset/ip_set", "IP_SET"},
	{"net/sched/cls_bpf", "NET_CLS_BPF"},
	{"net/sched/sch_ingress", "NET_SCH_INGRESS"},
	{"drivers/net/vxlan/vxlan", "VXLAN"},
	{"drivers/net/veth", "VETH"},
	{"drivers/net/tun", "TUN"},
}

// modules lets modprobe succeed for what the machine's kernel has: built in,
// or loaded, for hosts share the kernel and cannot load anything themselves.
func modules(root string) error {
	dir := filepath.Join(root, "lib/modules", kernelRelease())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var list strings.Builder
	for _, path := range builtIn() {
		list.WriteString("kernel/" + path + ".ko\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "modules.builtin"), []byte(list.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "modules.order"), nil, 0o644)
}

// builtIn are the paths of the wanted modules that the running kernel has.
// Where it does not show its configuration all are taken to be there: Cilium
// says what it misses.
func builtIn() []string {
	options, known := kernelOptions("/proc/config.gz")
	loaded := loadedModules("/proc/modules")
	var paths []string
	for _, m := range wanted {
		if !known || options[m.option] || loaded[filepath.Base(m.path)] {
			paths = append(paths, m.path)
		}
	}
	return paths
}

// kernelOptions are the options that are built into the kernel; known is false
// where the file cannot be read.
func kernelOptions(path string) (options map[string]bool, known bool) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		return nil, false
	}
	options = map[string]bool{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if name, is := strings.CutSuffix(lines.Text(), "=y"); is {
			options[strings.TrimPrefix(name, "CONFIG_")] = true
		}
	}
	return options, lines.Err() == nil
}

func loadedModules(path string) map[string]bool {
	loaded := map[string]bool{}
	data, err := os.ReadFile(path)
	if err != nil {
		return loaded // a kernel without modules has no such file
	}
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(line, " ")
		loaded[name] = true
	}
	return loaded
}

// kernelRelease is the running kernel's: modprobe looks for its folder.
func kernelRelease() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "unknown" // it cannot fail for a valid pointer
	}
	return unix.ByteSliceToString(name.Release[:])
}

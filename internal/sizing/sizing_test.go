package sizing

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// config is 3 control-plane machines and 2 workers.
func config(pods, services string) *v1alpha1.Config {
	return &v1alpha1.Config{Cluster: &v1alpha1.Cluster{Spec: v1alpha1.ClusterSpec{
		ControlPlaneConfiguration:     v1alpha1.ControlPlaneConfiguration{Count: 3, Endpoint: &v1alpha1.Endpoint{Host: "10.0.0.5"}},
		WorkerNodeGroupConfigurations: []v1alpha1.WorkerNodeGroupConfiguration{{Name: "md-0", Count: ptr.To(2)}},
		ClusterNetwork: v1alpha1.ClusterNetwork{
			Pods: v1alpha1.Pods{CidrBlocks: []string{pods}}, Services: v1alpha1.Services{CidrBlocks: []string{services}}},
	}}}
}

func TestRooms(t *testing.T) {
	for _, test := range []struct {
		pods, services           string
		mask                     int
		nodes, addresses, atMost int
		serviceAddresses         int
	}{
		{"192.168.0.0/16", "10.96.0.0/12", 24, 256, 252, 110, 1<<20 - 2},
		{"192.168.7.9/16", "10.96.0.0/12", 24, 256, 252, 110, 1<<20 - 2}, // the host's part does not count
		{"10.0.0.0/8", "10.96.0.0/8", 24, 1 << 16, 252, 110, 1<<20 - 2},
		{"192.168.0.0/22", "10.96.0.0/28", 26, 16, 60, 60, 14},
		{"192.168.0.0/24", "10.96.0.0/31", 24, 1, 252, 110, 0},
		{"192.168.0.0/24", "", 23, 0, 0, 0, 0}, // a node's part is larger than all
		{"192.168.0.0/24", "10.96.0.0/24", 40, 0, 0, 0, 254},
		{"192.168.0.0/30", "x", 32, 4, 0, 0, 0},
		{"", "10.96.0.0/24", 24, 0, 0, 0, 254},
	} {
		c := config(test.pods, test.services)
		c.Cluster.Spec.ClusterNetwork.Nodes = &v1alpha1.Nodes{CIDRMaskSize: ptr.To(test.mask)}
		p := Of(c)
		if p.Nodes != test.nodes || p.PodAddresses != test.addresses || p.PodsPerNode() != test.atMost || p.ServiceAddresses != test.serviceAddresses {
			t.Errorf("%s /%d, %s: %d nodes, %d addresses, %d pods, %d services", test.pods, test.mask, test.services, p.Nodes, p.PodAddresses, p.PodsPerNode(), p.ServiceAddresses)
		}
	}
}

func TestMachines(t *testing.T) {
	c := config("192.168.0.0/16", "10.96.0.0/12")
	c.Cluster.Spec.WorkerNodeGroupConfigurations = append(c.Cluster.Spec.WorkerNodeGroupConfigurations,
		v1alpha1.WorkerNodeGroupConfiguration{Name: "auto", AutoScalingConfiguration: &v1alpha1.AutoScalingConfiguration{MinCount: 1, MaxCount: 9}},
		v1alpha1.WorkerNodeGroupConfiguration{Name: "one"})
	p := Of(c)
	// One more of each of the four groups while they are replaced.
	if p.Machines != 3+2+1+1 || p.MostMachines != 3+2+9+0+4 {
		t.Errorf("%d machines, %d at most", p.Machines, p.MostMachines)
	}
	if p := Of(nil); p.Nodes != 0 || len(p.Findings()) != 0 {
		t.Errorf("of nothing: %+v", p)
	}
}

func TestMaxPods(t *testing.T) {
	kubelet := func(n any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"maxPods": n}}
	}
	for _, test := range []struct {
		controlPlane, workers any
		want                  int
	}{
		{nil, nil, 110}, {int64(50), int64(40), 50}, {int64(50), nil, 110}, {nil, float64(250), 250}, {200, "many", 200}, {int64(-1), int64(-1), 110},
	} {
		c := config("192.168.0.0/16", "10.96.0.0/12")
		c.Cluster.Spec.ControlPlaneConfiguration.KubeletConfiguration = kubelet(test.controlPlane)
		c.Cluster.Spec.WorkerNodeGroupConfigurations[0].KubeletConfiguration = kubelet(test.workers)
		if got := Of(c).MaxPods; got != test.want {
			t.Errorf("%v and %v: %d, want %d", test.controlPlane, test.workers, got, test.want)
		}
	}
}

// TestOverlaps puts one thing after the other into the pods' range.
func TestOverlaps(t *testing.T) {
	const inside = "192.168.4.5"
	for want, change := range map[string]func(*v1alpha1.Config){
		"The pods (192.168.0.0/16) and the services (192.168.128.0/20)": func(c *v1alpha1.Config) {
			c.Cluster.Spec.ClusterNetwork.Services.CidrBlocks[0] = "192.168.128.0/20"
		},
		"the control plane's endpoint (192.168.4.5)": func(c *v1alpha1.Config) { c.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = inside },
		"the HTTP proxy (192.168.4.5)": func(c *v1alpha1.Config) {
			c.Cluster.Spec.ProxyConfiguration = &v1alpha1.ProxyConfiguration{HttpProxy: "http://" + inside + ":3128", HttpsProxy: "http://" + inside + ":3128"}
		},
		"the HTTPS proxy (192.168.4.5)": func(c *v1alpha1.Config) {
			c.Cluster.Spec.ProxyConfiguration = &v1alpha1.ProxyConfiguration{HttpProxy: "proxy:3128", HttpsProxy: inside + ":3128"}
		},
		"the registry mirror (192.168.4.5)": func(c *v1alpha1.Config) {
			c.Cluster.Spec.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{Endpoint: inside}
		},
		"the vCenter (192.168.4.5)": func(c *v1alpha1.Config) {
			c.VSphereDatacenter = &v1alpha1.VSphereDatacenterConfig{Spec: v1alpha1.VSphereDatacenterConfigSpec{Server: inside + ":8989"}}
		},
		"Tinkerbell (192.168.4.5)": func(c *v1alpha1.Config) {
			c.TinkerbellDatacenter = &v1alpha1.TinkerbellDatacenterConfig{Spec: v1alpha1.TinkerbellDatacenterConfigSpec{TinkerbellIP: inside}}
		},
		"the host rack-1 (192.168.4.5)": func(c *v1alpha1.Config) {
			c.SSHDatacenter = &v1alpha1.SSHDatacenterConfig{Spec: v1alpha1.SSHDatacenterConfigSpec{Hosts: []v1alpha1.SSHHost{{Name: "rack-1", Address: inside}, {Name: "rack-2", Address: "10.0.0.9"}}}}
		},
		"the subnet of the address pool dmz (192.168.4.0/24)": pool(inside, 24),
		"the gateway of the address pool dmz (192.168.4.5)":   pool(inside, 0),
		"the name server 192.168.4.5 (192.168.4.5)": func(c *v1alpha1.Config) {
			pool("10.0.0.1", 24)(c)
			c.AddressPools[0].Spec.Nameservers = []string{"10.0.0.2", inside}
		},
		"the time server 192.168.4.5 (192.168.4.5)": func(c *v1alpha1.Config) {
			c.VSphereMachines = map[string]*v1alpha1.VSphereMachineConfig{"m": {Spec: v1alpha1.VSphereMachineConfigSpec{
				HostOSConfiguration: &v1alpha1.HostOSConfiguration{NTPConfiguration: &v1alpha1.NTPConfiguration{Servers: []string{"time.example.com", inside}}}}}}
		},
	} {
		c := config("192.168.0.0/16", "10.96.0.0/12")
		if p := Of(c); len(p.Overlaps) != 0 {
			t.Fatalf("%v", p.Overlaps)
		}
		change(c)
		p := Of(c)
		if len(p.Overlaps) != 1 {
			t.Errorf("%s: %v", want, p.Overlaps)
			continue
		}
		if last := p.Findings()[len(p.Findings())-1]; !last.Warning || !strings.Contains(last.Text, want) || !strings.Contains(last.Text, "The pods (192.168.0.0/16)") {
			t.Errorf("want %q: %+v", want, last)
		}
	}
}

func pool(gateway string, prefix int) func(*v1alpha1.Config) {
	return func(c *v1alpha1.Config) {
		p := &v1alpha1.VSphereAddressPool{Spec: v1alpha1.VSphereAddressPoolSpec{Gateway: gateway, Prefix: prefix}}
		p.Name = "dmz"
		c.AddressPools = append(c.AddressPools, p)
	}
}

func TestFindings(t *testing.T) {
	texts := func(c *v1alpha1.Config, mask int) string {
		c.Cluster.Spec.ClusterNetwork.Nodes = &v1alpha1.Nodes{CIDRMaskSize: ptr.To(mask)}
		var all []string
		for _, f := range Of(c).Findings() {
			level := "  "
			if f.Warning {
				level = "! "
			}
			all = append(all, level+f.Text)
		}
		return strings.Join(all, "\n")
	}
	for _, test := range []struct {
		pods string
		mask int
		want string
	}{
		{"192.168.0.0/16", 24, "  Room for 256 nodes with up to 110 pods each; the cluster begins with 5 and can have 7.\n  Room for 65534 services."},
		{"192.168.0.0/24", 24, "! The pods' range has room for 1 node, and the cluster can have 7: use a larger range, or a larger number for the nodes' mask.\n  Room for 65534 services."},
		{"192.168.0.0/20", 26, "  Room for 64 nodes with up to 60 pods each; the cluster begins with 5 and can have 7.\n! A node's /26 has 60 addresses for pods, and its kubelet may start 110: use a smaller number for the nodes' mask.\n  Room for 65534 services."},
		{"nonsense", 24, "  Room for 65534 services."},
	} {
		if got := texts(config(test.pods, "10.96.0.0/16"), test.mask); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.pods, got, test.want)
		}
	}
}

// TestManyOverlaps makes sure that hundreds of hosts are not hundreds of lines.
func TestManyOverlaps(t *testing.T) {
	c := config("192.168.0.0/16", "10.96.0.0/12")
	c.SSHDatacenter = &v1alpha1.SSHDatacenterConfig{}
	for range 100 {
		c.SSHDatacenter.Spec.Hosts = append(c.SSHDatacenter.Spec.Hosts, v1alpha1.SSHHost{Name: "h", Address: "192.168.1.1"})
	}
	findings := Of(c).Findings()
	if last := findings[len(findings)-1]; len(findings) > 8 || !strings.HasPrefix(last.Text, "96 more") || !last.Warning {
		t.Errorf("%d findings, the last %+v", len(findings), last)
	}
}

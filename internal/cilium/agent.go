package cilium

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cilium/cilium/api/v1/models"

	"groundwork.dev/bootstrap/internal/cilium/pods"
)

const (
	// askFor bounds one question to an agent.
	askFor = 20 * time.Second
	// failures is how often in a row one of the agent's controllers may fail
	// before it is a problem: all of them fail now and then and try again.
	failures = 3
)

// Agent is Cilium's agent on one node.
type Agent struct {
	Node string `json:"node"`
	Pod  string `json:"pod,omitempty"`
	// Version is the one that the agent says it is: "1.19.5".
	Version string `json:"version,omitempty"`
	// State is the agent's own, "Ok", "Warning" or "Failure"; empty where it
	// could not be asked.
	State string `json:"state,omitempty"`
	// Message is what the agent says of itself, word for word.
	Message string `json:"message,omitempty"`
	// KubeProxyReplacement is "True" or "False".
	KubeProxyReplacement string `json:"kubeProxyReplacement,omitempty"`
	// Routing is "Tunnel [vxlan]", "Native" and the like.
	Routing string `json:"routing,omitempty"`
	// IPAM is how many addresses are in use: "IPv4: 5/254 allocated from 10.1.0.0/24".
	IPAM string `json:"ipam,omitempty"`
	// Reachable is how many nodes of how many the agent reaches, probed just
	// now: "3/3"; empty where that was not asked.
	Reachable string   `json:"reachable,omitempty"`
	Problems  []string `json:"problems,omitempty"`
}

// ask asks the agent for its status and judges it.
func (c *cluster) ask(ctx context.Context, run executor, a *Agent, settings map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	out, err := run(ctx, command{namespace, a.Pod, agentContainer, []string{"cilium-dbg", "status", "-o", "json"}})
	if err != nil {
		a.Problems = append(a.Problems, "the agent does not answer: "+pods.LastLine(err.Error()))
		return
	}
	var status models.StatusResponse
	if err := json.Unmarshal(out, &status); err != nil {
		a.Problems = append(a.Problems, fmt.Sprintf("the agent's status cannot be read: %v", err))
		return
	}
	a.read(&status)
	a.Problems = append(a.Problems, judge(&status, settings)...)
}

func (a *Agent) read(s *models.StatusResponse) {
	if s.Cilium != nil {
		a.State, a.Message = s.Cilium.State, s.Cilium.Msg
		if s.Cilium.State == models.StatusStateOk { // "1.19.5 (v1.19.5-5df0…)"
			a.Version, _, _ = strings.Cut(s.Cilium.Msg, " ")
		}
	}
	if s.KubeProxyReplacement != nil {
		a.KubeProxyReplacement = s.KubeProxyReplacement.Mode
	}
	if r := s.Routing; r != nil {
		a.Routing = r.InterHostRoutingMode
		if r.TunnelProtocol != "" {
			a.Routing += " [" + r.TunnelProtocol + "]"
		}
	}
	if s.Ipam != nil {
		a.IPAM = strings.TrimRight(s.Ipam.Status, ", ")
	}
}

// judge returns what is wrong by the agent's own account, and where it does
// not run with the cluster's settings.
func judge(s *models.StatusResponse, settings map[string]string) []string {
	var problems []string
	check := func(name, state, message string, optional bool) {
		switch {
		case state == models.StatusStateOk, optional && (state == "" || state == models.StatusStateDisabled):
		case state == "":
			problems = append(problems, name+" says nothing")
		default:
			problems = append(problems, strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", name, state, message), ": "))
		}
	}
	status := func(name string, s *models.Status, optional bool) {
		if s == nil {
			s = &models.Status{}
		}
		check(name, s.State, s.Msg, optional)
	}
	status("cilium", s.Cilium, false)
	if s.Kubernetes == nil {
		s.Kubernetes = &models.K8sStatus{}
	}
	check("kubernetes", s.Kubernetes.State, s.Kubernetes.Msg, false)
	status("kvstore", s.Kvstore, true)
	status("container runtime", s.ContainerRuntime, true)
	status("CNI configuration", s.CniFile, true)
	if h := s.Hubble; h != nil && h.State == models.HubbleStatusStateFailure {
		check("hubble", h.State, h.Msg, true)
	}
	if s.Ipam == nil || s.Ipam.Status == "" {
		problems = append(problems, "IPAM: the node has no addresses for pods")
	}
	for _, c := range s.Controllers {
		if c != nil && c.Status != nil && c.Status.ConsecutiveFailureCount >= failures {
			problems = append(problems, fmt.Sprintf("controller %s failed %d times in a row: %s", c.Name, c.Status.ConsecutiveFailureCount, c.Status.LastFailureMsg))
		}
	}
	for name, since := range s.Stale {
		problems = append(problems, fmt.Sprintf("%s has been silent since %s", name, time.Time(since).Local().Format(time.TimeOnly)))
	}
	if want, got := settings["kube-proxy-replacement"], s.KubeProxyReplacement; want != "" && got != nil && !strings.EqualFold(want, got.Mode) {
		problems = append(problems, fmt.Sprintf("kube-proxy replacement is %s, and the settings say %s: the agent has not taken them yet", got.Mode, want))
	}
	return problems
}

package cilium

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cilium/cilium/api/v1/health/models"
)

// reach reads how the agent's last round of probes reached the other nodes,
// their hosts and their health endpoints. A node is left out of account whose
// agent has become ready only since, by readySince: the agents probe once a
// minute or less. Where health checks are turned off, nothing is said.
func reach(ctx context.Context, run executor, a *Agent, readySince map[string]time.Time) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	out, err := run(ctx, command{namespace, a.Pod, agentContainer, []string{"cilium-health", "status", "-o", "json"}})
	var health models.HealthStatusResponse
	if err != nil || json.Unmarshal(out, &health) != nil {
		return
	}
	reached, probed := 0, 0
	for _, node := range health.Nodes {
		if node == nil {
			continue
		}
		name := node.Name[strings.LastIndex(node.Name, "/")+1:] // "default/host-1"
		var words []string
		looked := false
		for _, way := range ways(node) {
			word, known := unreached(way.path, readySince[name])
			looked = looked || known
			if word != "" {
				words = append(words, fmt.Sprintf("%s %s: %s", way.name, way.path.IP, word))
			}
		}
		if !looked {
			continue
		}
		probed++
		if len(words) == 0 {
			reached++
			continue
		}
		a.Problems = append(a.Problems, fmt.Sprintf("node %s was not reached: %s", name, strings.Join(words, "; ")))
	}
	if probed > 0 {
		a.Reachable = fmt.Sprintf("%d/%d", reached, probed)
	}
}

// way is one way to a node.
type way struct {
	name string
	path *models.PathStatus
}

func ways(node *models.NodeStatus) []way {
	var list []way
	if node.Host != nil && node.Host.PrimaryAddress != nil {
		list = append(list, way{"host", node.Host.PrimaryAddress})
	}
	if node.HealthEndpoint != nil && node.HealthEndpoint.PrimaryAddress != nil {
		list = append(list, way{"endpoint", node.HealthEndpoint.PrimaryAddress})
	}
	return list
}

// unreached says how a way fails; one protocol that works, of ICMP and HTTP,
// is enough: many networks drop ICMP. It is known by probes since then only.
func unreached(path *models.PathStatus, since time.Time) (word string, known bool) {
	var said []string
	for _, s := range []struct {
		protocol string
		status   *models.ConnectivityStatus
	}{{"ICMP", path.Icmp}, {"HTTP", path.HTTP}} {
		if s.status == nil {
			continue
		}
		if at, err := time.Parse(time.RFC3339, s.status.LastProbed); err != nil || at.Before(since) {
			continue
		}
		if s.status.Status == "" {
			return "", true
		}
		said = append(said, s.protocol+" "+s.status.Status)
	}
	return strings.Join(said, ", "), len(said) > 0
}

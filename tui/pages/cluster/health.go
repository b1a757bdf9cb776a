package cluster

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// limits are what a health check has that says nothing of its own.
type limits struct{ startup, unhealthy, most string }

// inherited are the limits of a group whose own default for the machines that
// may be unhealthy is most.
func inherited(d *draft.Draft, most string) limits {
	l := defaults(d)
	l.most = most
	if check := d.Config.Cluster.Spec.MachineHealthCheck; check != nil {
		if check.NodeStartupTimeout != nil {
			l.startup = brief(check.NodeStartupTimeout.Duration)
		}
		if check.UnhealthyMachineTimeout != nil {
			l.unhealthy = brief(check.UnhealthyMachineTimeout.Duration)
		}
		if check.MaxUnhealthy != nil {
			l.most = check.MaxUnhealthy.String()
		}
	}
	return l
}

// defaults are the limits that nobody has to write.
func defaults(d *draft.Draft) limits {
	return limits{brief(d.StartupTimeout()), brief(v1alpha1.DefaultUnhealthyMachineTimeout),
		draft.DefaultControlPlaneMaxUnhealthy + " of the control plane, " + draft.DefaultWorkersMaxUnhealthy + " of workers"}
}

// healthCheck asks when machines are replaced. What is left empty is as limits
// say; a check that says nothing is left out.
func healthCheck(a asker, id string, check **v1alpha1.MachineHealthCheck, l limits) []form.Field {
	own := *check
	if own == nil {
		own = &v1alpha1.MachineHealthCheck{}
	}
	kept := func(value answer) answer {
		set := value.set
		value.set = func(typed string) error {
			if err := set(typed); err != nil {
				return err
			}
			*check = own
			if *own == (v1alpha1.MachineHealthCheck{}) {
				*check = nil
			}
			return nil
		}
		return value
	}
	return advanced(
		means(a.ask(id+"startup", "Node start-up timeout", "nodeStartupTimeout", "A machine whose node has not appeared by then is replaced.", kept(duration(&own.NodeStartupTimeout))), l.startup),
		means(a.ask(id+"unhealthy", "Unhealthy timeout", "unhealthyMachineTimeout", "A machine whose node is not ready for so long is replaced.", kept(duration(&own.UnhealthyMachineTimeout))), l.unhealthy),
		means(a.ask(id+"maxUnhealthy", "Most unhealthy", "maxUnhealthy", "Where more machines than this number or percentage are unhealthy, none is replaced: the cause is something else.", kept(portion(&own.MaxUnhealthy))), l.most),
	)
}

package preflight

import (
	"context"
	"groundwork.dev/bootstrap/providers/verdict"
	"slices"
)

// checkMachines sees that no machine is in the configuration twice, and that
// none is a careless copy of another.
func (s *survey) checkMachines(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("a machine of its own behind every host")
	reports, err := s.ask(ctx)
	if err != nil {
		return err
	}
	asked := 0
	for i, a := range reports {
		if a.err != nil {
			continue
		}
		asked++
		for _, b := range reports[i+1:] {
			switch {
			case b.err != nil:
			case slices.Contains(a.facts.Addresses, b.host.Address) || slices.Contains(b.facts.Addresses, a.host.Address):
				v.Fails("Keep one of them, or give each machine an address of its own.", "%s and %s are the same machine, or have the same address", a.host.Name, b.host.Name)
			case a.facts.MachineID != "" && a.facts.MachineID == b.facts.MachineID:
				v.Warns("On one of the two: rm /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup; reboot.",
					"%s and %s have the same machine ID, as copies of one disk have", a.host.Name, b.host.Name)
			}
		}
	}
	if asked == 0 {
		v.Skipped = "not looked at: no host could be asked"
	}
	v.Sees("%s", hostCount(asked))
	return nil
}

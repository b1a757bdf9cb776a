package lab

import (
	"context"
	"net/http"
	"time"

	"groundwork.dev/bootstrap/hack/lab/supervisor"
)

// PowerOff ends a host as if its plug were pulled, and returns when no process
// of it is left. What it had written stays; what it had in memory is gone.
func (l *Lab) PowerOff(ctx context.Context, host string) error {
	return l.power(ctx, host, supervisor.RequestOff)
}

// PowerOn starts a host and returns when systemd runs; see WaitSSH.
func (l *Lab) PowerOn(ctx context.Context, host string) error {
	return l.power(ctx, host, supervisor.RequestOn)
}

// Reboot pulls a host's plug and puts it back. A host that restarts by itself
// comes back too.
func (l *Lab) Reboot(ctx context.Context, host string) error {
	return l.power(ctx, host, supervisor.RequestReset)
}

func (l *Lab) power(ctx context.Context, host string, request supervisor.PowerRequest) error {
	if _, err := l.Host(host); err != nil {
		return err
	}
	return l.put(ctx, "/hosts/"+host+"/power", request)
}

// SetLink cuts a host's cable, or mends it.
func (l *Lab) SetLink(ctx context.Context, host string, up bool) error {
	return l.fault(ctx, host, map[string]any{"linkDown": !up})
}

// SetLoss makes a share of a host's packets get lost, each way: from 0 to 100
// percent.
func (l *Lab) SetLoss(ctx context.Context, host string, percent float64) error {
	return l.fault(ctx, host, map[string]any{"lossPercent": percent})
}

// SetDelay makes each of a host's packets arrive later, each way, so that a
// round trip takes twice the delay longer. At most a minute.
func (l *Lab) SetDelay(ctx context.Context, host string, delay time.Duration) error {
	return l.fault(ctx, host, map[string]any{"delay": delay})
}

// SetDiskFull takes every free block of a host's disk, or gives them back. It
// takes nothing of the machine's disk. A store from Options.Golden does not
// lie on the host's disk, and does not fill.
func (l *Lab) SetDiskFull(ctx context.Context, host string, full bool) error {
	return l.fault(ctx, host, map[string]any{"diskFull": full})
}

// Clear ends every fault of a host. It does not switch it on.
func (l *Lab) Clear(ctx context.Context, host string) error {
	return l.fault(ctx, host, map[string]any{"linkDown": false, "lossPercent": 0, "delay": 0, "diskFull": false})
}

// fault changes what of supervisor.Faults is named, by its JSON names.
func (l *Lab) fault(ctx context.Context, host string, change map[string]any) error {
	if _, err := l.Host(host); err != nil {
		return err
	}
	_, err := l.request(ctx, http.MethodPatch, "/hosts/"+host+"/faults", change)
	return err
}

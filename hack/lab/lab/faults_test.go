//go:build lab

package lab

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/supervisor"
)

func TestCableFaults(t *testing.T) {
	l := start(t, Options{Hosts: 2})
	to := l.Hosts[0].Address.String()
	// answers is how many of count pings host-2 gets back, and the mean round
	// trip.
	answers := func(count int) (int, time.Duration) {
		t.Helper()
		out := run(t, l, "host-2", fmt.Sprintf("ping -q -c %d -i 0.01 -W 1 %s | cat", count, to))
		n := 0
		for field := range strings.SplitSeq(out, ",") {
			if number, ok := strings.CutSuffix(strings.TrimSpace(field), " received"); ok {
				n, _ = strconv.Atoi(number)
			}
		}
		var mean time.Duration
		if _, times, ok := strings.Cut(out, "min/avg/max/mdev = "); ok {
			mean, _ = time.ParseDuration(strings.Split(times, "/")[1] + "ms")
		}
		return n, mean
	}
	whole := func(when string) {
		t.Helper()
		if n, mean := answers(20); n != 20 || mean > 20*time.Millisecond {
			t.Errorf("%s: %d of 20 answers, %s", when, n, mean)
		}
	}
	whole("at first")

	ok(t, l.SetLink(t.Context(), "host-1", false))
	if n, _ := answers(3); n != 0 {
		t.Errorf("cable cut: %d answers", n)
	}
	if s := hostStatus(t, l, "host-1"); !s.Faults.LinkDown {
		t.Errorf("cable cut, but status says %+v", s.Faults)
	}
	ok(t, l.SetLink(t.Context(), "host-1", true))
	whole("cable mended")

	ok(t, l.SetLoss(t.Context(), "host-1", 100))
	if n, _ := answers(3); n != 0 {
		t.Errorf("everything lost: %d answers", n)
	}
	// Each way: 75 of 100 are lost, and chance never gives none or all back.
	ok(t, l.SetLoss(t.Context(), "host-1", 50))
	if n, _ := answers(100); n < 5 || n > 60 {
		t.Errorf("half lost each way: %d of 100 answers", n)
	}
	ok(t, l.SetLoss(t.Context(), "host-1", 0))
	whole("nothing lost")

	const delay = 30 * time.Millisecond
	ok(t, l.SetDelay(t.Context(), "host-1", delay))
	if n, mean := answers(20); n != 20 || mean < 2*delay || mean > 2*delay+50*time.Millisecond {
		t.Errorf("delay %s each way: %d of 20 answers, %s", delay, n, mean)
	}
	// It is in force again after a reboot, and carries more than pings.
	ok(t, l.Reboot(t.Context(), "host-1"))
	ok(t, l.WaitSSH(t.Context(), "host-1"))
	if _, mean := answers(20); mean < 2*delay {
		t.Errorf("after a reboot a round trip takes %s", mean)
	}
	const bytes = 8 << 20
	if got := run(t, l, "host-1", fmt.Sprintf("head -c %d /dev/zero", bytes)); len(got) != bytes {
		t.Errorf("%d of %d bytes arrive", len(got), bytes)
	}
	ok(t, l.Clear(t.Context(), "host-1"))
	whole("all cleared")
	if s := hostStatus(t, l, "host-1"); s.Faults != (supervisor.Faults{}) || s.Traffic.SentBytes < bytes {
		t.Errorf("status: %+v", s)
	}
	if err := l.SetLoss(t.Context(), "host-1", 101); err == nil {
		t.Error("a loss of 101 percent is accepted")
	}
	if err := l.SetLoss(t.Context(), "host-9", 1); err == nil {
		t.Error("a host that is not there loses packets")
	}
}

func TestDiskFull(t *testing.T) {
	l := start(t, Options{Hosts: 2})
	before := machineFree(t, l.Dir)
	ok(t, l.SetDiskFull(t.Context(), "host-1", true))
	for _, path := range []string{"/var/lib/file", "/etc/file"} {
		_, err := l.Run(t.Context(), "host-1", "head -c 10000 /dev/zero > "+path)
		if err == nil || !strings.Contains(err.Error(), "No space left on device") {
			t.Errorf("write %s: %v", path, err)
		}
	}
	if s := hostStatus(t, l, "host-1"); s.Disk.Free > 1<<20 || !s.Faults.DiskFull {
		t.Errorf("status: %+v", s)
	}
	// A gibibyte was taken of the host's disk, and not of the machine's.
	if taken := before - machineFree(t, l.Dir); taken > 256<<20 {
		t.Errorf("the machine's disk lost %d bytes", taken)
	}
	run(t, l, "host-2", "head -c 10000 /dev/zero > /var/lib/file")
	ok(t, l.SetDiskFull(t.Context(), "host-1", false))
	run(t, l, "host-1", "head -c 10000 /dev/zero > /var/lib/file")
}

func machineFree(t *testing.T, dir string) int64 {
	t.Helper()
	var st syscall.Statfs_t
	ok(t, syscall.Statfs(dir, &st))
	return int64(st.Bavail) * st.Bsize
}

func TestOutsideIsCounted(t *testing.T) {
	for _, noRoute := range []bool{false, true} {
		t.Run(fmt.Sprintf("no route %t", noRoute), func(t *testing.T) {
			l := start(t, Options{Hosts: 2, NoRoute: noRoute})
			run(t, l, "host-2", "ping -c 3 -i 0.01 "+l.Hosts[0].Address.String())
			o, err := l.Outside(t.Context())
			ok(t, err)
			if o.Packets != 0 || len(o.Destinations) != 0 {
				t.Fatalf("hosts that talk to each other ask for something outside: %+v", o)
			}
			// 192.0.2.0/24 is nobody's (RFC 5737), .199 not the machine's.
			run(t, l, "host-1", "timeout 1 bash -c 'echo > /dev/tcp/192.0.2.199/443' 2>/dev/null; getent hosts registry.invalid; true")
			o, err = l.Outside(t.Context())
			ok(t, err)
			want := map[string]bool{"host-1 tcp 192.0.2.199:443": false, "host-1 udp " + l.Gateway.String() + ":53": false}
			for _, d := range o.Destinations {
				seen := fmt.Sprintf("%s %s %s", d.Host, d.Protocol, d.Address)
				if _, expected := want[seen]; !expected || d.Packets == 0 {
					t.Errorf("counted %s: %+v", seen, d)
				}
				want[seen] = true
			}
			for destination, seen := range want {
				if !seen {
					t.Errorf("%s is not counted", destination)
				}
			}
			if len(o.Names) != 1 || o.Names[0] != "registry.invalid." || o.Missed != 0 {
				t.Errorf("names %q, missed %d", o.Names, o.Missed)
			}
			// The machine's own addresses can be reached only through a route.
			_, err = l.Run(t.Context(), "host-1", "ping -c 1 -W 1 "+machineAddress(t))
			if reached := err == nil; reached == noRoute {
				t.Errorf("the machine's own address: %v", err)
			}
			ok(t, l.ResetOutside(t.Context()))
			o, err = l.Outside(t.Context())
			ok(t, err)
			if o.Packets != 0 {
				t.Errorf("after a reset: %+v", o)
			}
		})
	}
}

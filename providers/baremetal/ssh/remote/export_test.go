package remote

import (
	"testing"
	"time"
)

// SetKeepalive shortens the intervals for one test.
func SetKeepalive(t testing.TB, interval, dead time.Duration) {
	i, d := keepaliveInterval, deadAfter
	keepaliveInterval, deadAfter = interval, dead
	t.Cleanup(func() { keepaliveInterval, deadAfter = i, d })
}

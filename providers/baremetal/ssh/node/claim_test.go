package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

var demo = Owner{Cluster: "demo", Machine: "demo-x2k4p", UID: "uid-1"}

func TestClaimIsForOne(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	const many = 8
	errs := make([]error, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			errs[i] = Claim(t.Context(), h, Owner{"c", fmt.Sprintf("m-%d", i), fmt.Sprintf("u-%d", i)})
		})
	}
	wg.Wait()
	winner := -1
	for i, err := range errs {
		if err != nil {
			continue
		}
		if winner >= 0 {
			t.Errorf("both %d and %d have the host", winner, i)
		}
		winner = i
	}
	if winner < 0 {
		t.Fatalf("nobody has the host: %v", errs)
	}
	s, err := JobStatus(t.Context(), h)
	if err != nil || s.Owner.UID != fmt.Sprintf("u-%d", winner) || s.Phase != PhaseNone {
		t.Errorf("status %+v, %v; the winner is %d", s, err, winner)
	}
	if left, _ := filepath.Glob(filepath.Join(h.root, folder, "owner.*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		next  Owner
		taken bool
	}{
		{"the same again", demo, false},
		{"moved to another management cluster", Owner{demo.Cluster, demo.Machine, "uid-2"}, false},
		{"another machine of the cluster", Owner{demo.Cluster, "demo-other", "uid-2"}, true},
		{"a machine of that name in another cluster", Owner{"prod", demo.Machine, "uid-2"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t)
			if err := Claim(t.Context(), h, demo); err != nil {
				t.Fatal(err)
			}
			err := Claim(t.Context(), h, test.next)
			if !test.taken {
				if s, _ := JobStatus(t.Context(), h); err != nil || s.Owner != test.next {
					t.Errorf("owner %+v, %v", s.Owner, err)
				}
				return
			}
			var f *failure.Error
			if !errors.As(err, &f) {
				t.Fatalf("claimed twice: %v", err)
			}
			for _, part := range []string{test.next.Machine, test.next.Cluster, demo.Machine, demo.Cluster, "uid-1"} {
				if !strings.Contains(f.Summary, part) {
					t.Errorf("%q does not name %s", f.Summary, part)
				}
			}
			if f.Object != "host before" || !strings.Contains(f.Remedy, resetFile) {
				t.Errorf("object %q, remedy %q", f.Object, f.Remedy)
			}
		})
	}
}

func TestClaimMakesAPrivateFolderWithTheReset(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	if err := Claim(t.Context(), h, demo); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(h.root, folder))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if h.read(resetFile) != resetScript() {
		t.Error("the reset script is another")
	}
	if err := Claim(t.Context(), h, Owner{Cluster: "a\nuid=x", Machine: "m", UID: "u"}); err == nil {
		t.Error("an owner of two lines is taken")
	}
}

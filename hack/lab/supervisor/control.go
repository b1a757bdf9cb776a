package supervisor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"groundwork.dev/bootstrap/hack/lab/changes"
	"groundwork.dev/bootstrap/hack/lab/host"
)

// PowerRequest is what a power button can do.
type PowerRequest string

// The requests. PowerReset is off and on without asking the system.
const (
	RequestOn    PowerRequest = "on"
	RequestOff   PowerRequest = "off"
	RequestReset PowerRequest = "reset"
)

// handler answers:
//
//	GET /status                     Status
//	PUT /hosts/{host}/power         PowerRequest
//	PATCH /hosts/{host}/faults      Faults; those not named stay as they are
//	PUT /hosts/{host}/baseline      the files as they are, to compare with
//	GET /hosts/{host}/changes       []string, compared with the baseline
//	PUT /outside                    begins to count anew
func (s *supervisor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.status(), nil) })
	mux.HandleFunc("PUT /hosts/{host}/power", s.onHost(func(m *machine, r *http.Request) (any, error) {
		var request PowerRequest
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			return nil, err
		}
		switch request {
		case RequestOn:
			return nil, m.do(m.powerOn)
		case RequestOff:
			return nil, m.do(m.powerOff)
		case RequestReset:
			return nil, m.do(m.reset)
		}
		return nil, fmt.Errorf("power request %q is not known", request)
	}))
	mux.HandleFunc("PATCH /hosts/{host}/faults", s.onHost(func(m *machine, r *http.Request) (any, error) {
		return nil, m.do(func() error {
			faults := m.faults()
			if err := json.NewDecoder(r.Body).Decode(&faults); err != nil {
				return err
			}
			return m.setFaults(faults)
		})
	}))
	mux.HandleFunc("PUT /hosts/{host}/baseline", s.onHost(func(m *machine, _ *http.Request) (any, error) {
		found, err := changes.Take(m.trees())
		if err != nil {
			return nil, err
		}
		if err := found.KeepContent(); err != nil {
			return nil, err
		}
		m.baseline.Store(&found)
		return nil, nil
	}))
	mux.HandleFunc("GET /hosts/{host}/changes", s.onHost(func(m *machine, _ *http.Request) (any, error) {
		before := m.baseline.Load()
		if before == nil {
			return nil, fmt.Errorf("%s has no baseline: the lab never came up whole", m.host.Name)
		}
		now, err := changes.Take(m.trees())
		if err != nil {
			return nil, err
		}
		return changes.Between(*before, now)
	}))
	mux.HandleFunc("PUT /outside", func(w http.ResponseWriter, _ *http.Request) {
		s.counter.Reset()
		reply(w, nil, nil)
	})
	return mux
}

func (s *supervisor) onHost(act func(*machine, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m, ok := s.hosts[r.PathValue("host")]
		if !ok {
			http.Error(w, "no such host: "+r.PathValue("host"), http.StatusNotFound)
			return
		}
		value, err := act(m, r)
		reply(w, value, err)
	}
}

func (s *supervisor) status() Status {
	status := Status{PID: os.Getpid(), Outside: s.counter.Outside()}
	if usage, err := host.Usage(s.lab.Dir); err == nil {
		status.DiskFreeBytes = usage.Free
	}
	for _, h := range s.lab.Hosts {
		status.Hosts = append(status.Hosts, s.hosts[h.Name].status())
	}
	return status
}

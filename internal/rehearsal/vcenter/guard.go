package vcenter

import (
	"net/http"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// served are the paths of the APIs. The simulator serves the datastores'
// files and the guests' too, and asks nobody for a session there.
var served = []string{"/sdk", "/pbm", "/rest/", "/api/"}

// Delay makes every call take d longer; 0 ends it.
func (s *Server) Delay(d time.Duration) {
	s.faults.Lock()
	defer s.faults.Unlock()
	s.delay = d
}

// RefuseLogins makes every login fail as with a wrong password. Sessions that
// exist already go on, as on a real vCenter.
func (s *Server) RefuseLogins(refuse bool) {
	s.faults.Lock()
	defer s.faults.Unlock()
	s.refuse = refuse
}

func (s *Server) conditions() (delay time.Duration, refuse bool) {
	s.faults.Lock()
	defer s.faults.Unlock()
	return s.delay, s.refuse
}

// gate stands before the simulator's HTTP handlers.
func (s *Server) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := false
		for _, prefix := range served {
			known = known || strings.HasPrefix(r.URL.Path, prefix)
		}
		if !known {
			http.NotFound(w, r)
			return
		}
		delay, refuse := s.conditions()
		_, _, basic := r.BasicAuth()
		// The simulator takes any token for a login.
		if token := r.Header.Get("Authorization"); token != "" && (refuse || !basic) {
			http.Error(w, "the login was refused", http.StatusUnauthorized)
			return
		}
		if delay > 0 {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(delay):
			}
		}
		next.ServeHTTP(w, r)
	})
}

// tokenLogins are ways to log in that the simulator does not check.
var tokenLogins = map[string]bool{
	"LoginByToken":                true,
	"LoginExtensionByCertificate": true,
	"CloneSession":                true,
}

// guard sees every SOAP call before the simulator. It refuses some, and leads
// others to the desk: a handler that it returned itself would not be used for
// calls with a session.
func (s *Server) guard(_ *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if _, refuse := s.conditions(); tokenLogins[method.Name] || method.Name == "Login" && refuse {
		return nil, &types.InvalidLogin{}
	}
	if s.registry.Get(method.This) == nil {
		return nil, nil // the simulator says so
	}
	if method.Name == "FindByUuid" || method.Name == "CloneVM_Task" {
		method.This = deskReference
	}
	return nil, nil
}

// deskReference is the desk in the simulator's registry.
var deskReference = types.ManagedObjectReference{Type: "SearchIndex", Value: "RehearsalDesk"}

// desk answers the calls that the simulator would answer too soon or in the
// wrong place. It is a managed object of a type that nobody looks for.
type desk struct {
	mo.SearchIndex
	server *Server
}

func newDesk(s *Server) *desk {
	d := &desk{server: s}
	d.Self = deskReference
	return d
}

// Lock and Unlock keep the simulator from letting one call wait for another.
func (*desk) Lock() {}

// Unlock implements sync.Locker.
func (*desk) Unlock() {}

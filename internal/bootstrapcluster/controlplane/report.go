package controlplane

import (
	"encoding/json"
	"io"
	"sync"

	"groundwork.dev/bootstrap/internal/failure"
)

// Stage is a point of the start that has been passed.
type Stage struct {
	Name string `json:"name"`
	// Seconds since the start of the process.
	Seconds float64 `json:"seconds"`
	// RSS is the resident memory of the process at that point, in bytes.
	RSS int64 `json:"rssBytes"`
}

// The stages of a start; those before Ready pass in no fixed order.
const (
	StageEtcd        = "etcd ready"
	StageAPIServer   = "API server ready"
	StageCRDs        = "CRDs established"
	StageWebhooks    = "webhooks ready"
	StageControllers = "controllers ready"
)

// Report is one line from the child to its parent. One of its fields is set.
type Report struct {
	Stage *Stage `json:"stage,omitempty"`
	// Ready is the address (host:port) of the API server once everything is
	// ready.
	Ready string `json:"ready,omitempty"`
	// Failed says why the start cannot succeed, however often it is tried.
	Failed *Failure `json:"failed,omitempty"`
}

// Failure is a *failure.Error on its way from the child to its parent.
type Failure struct {
	Summary string `json:"summary"`
	Object  string `json:"object,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
	Cause   string `json:"cause,omitempty"`
}

func newFailure(e *failure.Error) *Failure {
	f := &Failure{Summary: e.Summary, Object: e.Object, Remedy: e.Remedy}
	if e.Err != nil {
		f.Cause = e.Err.Error()
	}
	return f
}

// Command is one line from the parent to its child. The end of the stream,
// which the end of the parent brings about in every case, tells the child to
// end too.
type Command struct {
	MachineSetPreflightChecks *bool `json:"machineSetPreflightChecks,omitempty"`
}

// reporter writes reports. Nobody may be left to read them, which the end of
// the commands tells just as well.
type reporter struct {
	mu sync.Mutex
	to *json.Encoder
}

func newReporter(w io.Writer) *reporter { return &reporter{to: json.NewEncoder(w)} }

func (r *reporter) send(report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.to.Encode(report)
}

func (r *reporter) stage(name string) {
	r.send(Report{Stage: &Stage{Name: name, Seconds: sinceProcessStart().Seconds(), RSS: residentMemory()}})
}

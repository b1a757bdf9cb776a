package live

import (
	"sync"

	"groundwork.dev/bootstrap/internal/secret"
)

// environment answers with what was typed into the interface, and with the
// process's environment otherwise.
type environment struct {
	process func(string) string

	mu    sync.Mutex
	typed map[string]secret.String
}

// Getenv implements backend.Environment.
func (e *environment) Getenv(name string) string {
	e.mu.Lock()
	value, ok := e.typed[name]
	e.mu.Unlock()
	if ok {
		return value.Reveal()
	}
	return e.process(name)
}

// Set implements backend.Environment.
func (e *environment) Set(name string, value secret.String) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.typed == nil {
		e.typed = map[string]secret.String{}
	}
	e.typed[name] = value
}

package backendtest

import (
	"sync"

	"groundwork.dev/bootstrap/internal/secret"
)

// Environment is a backend.Environment that knows nothing of the process's
// own variables.
type Environment struct {
	mu     sync.Mutex
	values map[string]secret.String
}

// Getenv implements backend.Environment.
func (e *Environment) Getenv(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.values[name].Reveal()
}

// Set implements backend.Environment.
func (e *Environment) Set(name string, value secret.String) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.values == nil {
		e.values = map[string]secret.String{}
	}
	e.values[name] = value
}

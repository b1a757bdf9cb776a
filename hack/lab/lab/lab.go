package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/network"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/hack/lab/supervisor"
	"groundwork.dev/bootstrap/internal/failure"
)

// Lab is a lab that is up, or was.
type Lab struct {
	registry.Lab
}

// Open returns the lab of that name, or a *failure.Error when there is none.
func Open(name string) (*Lab, error) {
	l, err := registry.Load(name)
	if errors.Is(err, registry.ErrNone) {
		return nil, &failure.Error{Code: failure.Usage, Summary: "there is no lab " + name,
			Remedy: "start one with: lab up --name " + name}
	}
	if err != nil {
		return nil, err
	}
	return &Lab{Lab: l}, nil
}

// Names returns the names of the labs on this machine.
func Names() ([]string, error) { return registry.Names() }

// Host returns the host of that name.
func (l *Lab) Host(name string) (registry.Host, error) {
	i := slices.IndexFunc(l.Hosts, func(h registry.Host) bool { return h.Name == name })
	if i < 0 {
		var names []string
		for _, h := range l.Hosts {
			names = append(names, h.Name)
		}
		return registry.Host{}, usage("lab %s has no host %s; it has %s", l.Name, name, strings.Join(names, ", "))
	}
	return l.Hosts[i], nil
}

// ConsoleFile holds what the host printed while it started, of every boot.
func (l *Lab) ConsoleFile(name string) string {
	return filepath.Join(l.HostDir(name), host.ConsoleFile)
}

// Status says how the lab is.
func (l *Lab) Status(ctx context.Context) (supervisor.Status, error) {
	var s supervisor.Status
	err := l.get(ctx, "/status", &s)
	return s, err
}

// Outside returns what hosts asked for outside the lab since it came up, or
// since ResetOutside.
func (l *Lab) Outside(ctx context.Context) (network.Outside, error) {
	s, err := l.Status(ctx)
	return s.Outside, err
}

// ResetOutside begins to count anew.
func (l *Lab) ResetOutside(ctx context.Context) error { return l.put(ctx, "/outside", nil) }

// Changes returns which files of a host are not as they were when the lab had
// come up: "A /path" added, "C /path" changed, "D /path" removed. What is
// written and put back is no change. It works for hosts that are off, too.
func (l *Lab) Changes(ctx context.Context, host string) ([]string, error) {
	if _, err := l.Host(host); err != nil {
		return nil, err
	}
	var found []string
	err := l.get(ctx, "/hosts/"+host+"/changes", &found)
	return found, err
}

func (l *Lab) get(ctx context.Context, path string, into any) error {
	body, err := l.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (l *Lab) put(ctx context.Context, path string, value any) error {
	_, err := l.request(ctx, http.MethodPut, path, value)
	return err
}

func (l *Lab) request(ctx context.Context, method, path string, value any) ([]byte, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", registry.Socket(l.Name))
		},
	}}
	r, err := http.NewRequestWithContext(ctx, method, "http://lab"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, &failure.Error{Code: failure.Infrastructure, Object: "lab " + l.Name, Err: err,
			Summary: "the lab's supervisor does not answer",
			Remedy:  "remove what is left with: lab down --name " + l.Name}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(strings.TrimSpace(string(answer)))
	}
	if err != nil {
		return nil, fmt.Errorf("lab %s: %s: %w", l.Name, strings.TrimPrefix(path, "/"), err)
	}
	return answer, nil
}

package cilium

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// command is one to run in a container.
type command struct {
	namespace, pod, container string
	args                      []string
}

// executor runs commands in containers. What a command wrote comes back with
// its error too.
type executor func(ctx context.Context, c command) (stdout []byte, err error)

// execError is a command's failure with what it wrote to standard error.
type execError struct {
	stderr string
	err    error
}

// Error implements error: what the command said, where it said something.
func (e *execError) Error() string {
	if e.stderr != "" {
		return e.stderr
	}
	return e.err.Error()
}

// Unwrap returns the cause: a k8s.io/client-go/util/exec.ExitError where the
// command ran.
func (e *execError) Unwrap() error { return e.err }

// exec runs a command through the API server and the node's kubelet: over a
// WebSocket, or over SPDY where something in between knows no WebSockets.
func (c *cluster) exec(ctx context.Context, cmd command) ([]byte, error) {
	config := rest.CopyConfig(c.config)
	config.Timeout = 0 // the context bounds the stream
	request := c.clients.CoreV1().RESTClient().Post().Namespace(cmd.namespace).Resource("pods").Name(cmd.pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: cmd.container, Command: cmd.args, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	ws, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	if err != nil {
		return nil, fmt.Errorf("run a command in pod %s: %w", cmd.pod, err)
	}
	spdy, err := remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	if err != nil {
		return nil, fmt.Errorf("run a command in pod %s: %w", cmd.pod, err)
	}
	run, err := remotecommand.NewFallbackExecutor(ws, spdy, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	})
	if err != nil {
		return nil, fmt.Errorf("run a command in pod %s: %w", cmd.pod, err)
	}
	var stdout, stderr bytes.Buffer
	if err = run.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr}); err != nil {
		err = &execError{stderr: strings.TrimSpace(stderr.String()), err: err}
	}
	return stdout.Bytes(), err
}

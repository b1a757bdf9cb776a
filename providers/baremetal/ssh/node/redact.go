package node

import (
	"regexp"

	"groundwork.dev/bootstrap/internal/secret"
)

// secrets match what kubeadm and the kubelet print and nobody may read: the
// pattern of bootstrap tokens (k8s.io/cluster-bootstrap/token/api), certificate
// keys (32 bytes in hexadecimal), private keys, the credentials in kubeconfigs,
// HTTP headers and URLs. The first group stays, and so does the last.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`()\b[a-z0-9]{6}\.[a-z0-9]{16}\b()`),
	regexp.MustCompile(`(?i)(certificate-?key["']?[=:\s]+)["']?[0-9a-f]{32,}["']?()`),
	regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)`),
	regexp.MustCompile(`((?:client-key-data|token|password|secret):\s+)\S{16,}()`),
	regexp.MustCompile(`(?i)(authorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+)[^\s"']+()`),
	regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+(@)`),
	// A certificate key that stands alone; digests have sha256: before them.
	regexp.MustCompile(`((?:^|[^0-9a-f:]))[0-9a-f]{64}((?:$|[^0-9a-f]))`),
}

// control is what moves a terminal's cursor or changes its colours, and what
// no terminal shows.
var control = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")

// redact takes secrets and control characters out of a text that people will
// read.
func redact(text string) string {
	text = control.ReplaceAllString(text, "")
	for _, pattern := range secrets {
		text = pattern.ReplaceAllString(text, "${1}"+secret.Redacted+"${2}")
	}
	return text
}

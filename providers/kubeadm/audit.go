package kubeadm

import _ "embed"

// defaultAuditPolicy is what the API server logs where the configuration does
// not say: who changed what, never the content of a secret.
//
//go:embed audit-policy.yaml
var defaultAuditPolicy string

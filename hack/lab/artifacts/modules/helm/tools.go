//go:build tools

// Package tools names the commands that the lab builds from this module, so that
// go.mod and go.sum hold what they need.
package tools

import (
	_ "helm.sh/helm/v3/cmd/helm"
)

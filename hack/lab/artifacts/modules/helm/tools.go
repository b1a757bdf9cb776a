//go:build tools

// Package tools names the commands that the lab builds from this module, so that
// go.mod and go.sum hold what they need.
//
// Its other requirements are raised to the main module's: packages of the same
// versions are compiled once for both.
package tools

import (
	_ "helm.sh/helm/v3/cmd/helm"
)

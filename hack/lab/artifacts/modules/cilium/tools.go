//go:build tools

// Package tools names the commands that the lab builds from this module, so that
// go.mod and go.sum hold what they need.
//
// Its other requirements are raised to the main module's: packages of the same
// versions are compiled once for both.
//
// The replace directives are Cilium's own, which do not reach modules that
// require it. The checksum database lacks one of their targets, gobgp: its
// sums come from Cilium's go.sum.
package tools

import (
	_ "github.com/cilium/cilium/bugtool"
	_ "github.com/cilium/cilium/cilium-dbg"
	_ "github.com/cilium/cilium/cilium-health"
	_ "github.com/cilium/cilium/cilium-health/responder"
	_ "github.com/cilium/cilium/daemon"
	_ "github.com/cilium/cilium/operator"
	_ "github.com/cilium/cilium/plugins/cilium-cni"
	_ "github.com/cilium/cilium/tools/mount"
	_ "github.com/cilium/cilium/tools/sysctlfix"
)

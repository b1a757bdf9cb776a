package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
)

// newControlPlane is the child process: etcd, the API server and the
// controllers of the bootstrap cluster.
func newControlPlane() *cobra.Command {
	return &cobra.Command{
		Use: bootstrapcluster.Command, Short: "Run the bootstrap cluster (started by the other commands)",
		Hidden: true, DisableFlagParsing: true, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return bootstrapcluster.Main(c.Context(), args) },
	}
}

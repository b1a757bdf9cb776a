package main

import (
	"os"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/preflight"
)

func newPreflight() *cobra.Command {
	c := &cobra.Command{
		Use:   "preflight -f FILE",
		Short: "Check the site before anything is made",
		Long: `Check everything that an install needs of the site: each check says what was
looked for, what was found and what to do. Nothing is changed. Exit code 4 when
a check fails.

EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD hold the vCenter login. For
hosts over SSH, GROUNDWORK_SSH_KEY_PASSPHRASE opens the private keys and
GROUNDWORK_SSH_SUDO_PASSWORD answers sudo, where they ask.`,
		Example: "  bootstrap preflight -f demo.yaml\n  bootstrap preflight -f demo.yaml -o json",
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		// What is wrong with the credentials is one of the checks.
		access, _ := plan.AccessFromEnv(os.Getenv, cfg)
		p, err := plan.New(cfg, *catalogue, access)
		if err != nil {
			return err
		}
		sink := console.New(c.OutOrStdout(), console.Format(*format))
		_, err = preflight.Run(c.Context(), p.Provider.Checks(), sink)
		return err
	}
	return c
}

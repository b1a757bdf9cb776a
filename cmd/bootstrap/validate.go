package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func newValidate() *cobra.Command {
	c := &cobra.Command{
		Use:   "validate -f FILE",
		Short: "Check a configuration file and report every problem in it",
		Long: `Check a configuration file without touching the site: every problem at once,
each with its file, line, field and remedy. Exit code 3 when there is one.`,
		Example: "  bootstrap validate -f demo.yaml\n  bootstrap validate -f demo.yaml -o json",
	}
	file := fileFlag(c)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		var problems v1alpha1.Problems
		if err != nil && (*format == outputText || !errors.As(err, &problems)) {
			return err
		}
		var notes []v1alpha1.Problem
		if cfg != nil {
			notes = cfg.Notes()
		}
		if *format == outputJSON {
			report := struct {
				Valid    bool               `json:"valid"`
				Problems []v1alpha1.Problem `json:"problems"`
				Notes    []v1alpha1.Problem `json:"notes,omitempty"`
			}{err == nil, append([]v1alpha1.Problem{}, problems...), notes}
			if encodeErr := json.NewEncoder(c.OutOrStdout()).Encode(report); encodeErr != nil {
				return encodeErr
			}
			return err
		}
		for _, n := range notes {
			fmt.Fprintln(c.OutOrStdout(), "note:", n)
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: valid: cluster %s, Kubernetes %s\n", *file, cfg.Cluster.Name, cfg.Cluster.Spec.KubernetesVersion)
		return err
	}
	return c
}

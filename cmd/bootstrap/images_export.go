package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/export"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

func newImagesExport() *cobra.Command {
	c := &cobra.Command{
		Use:   "export -f FILE -o DIR|FILE.tar",
		Short: "Make a bundle of everything that a node needs: images and binaries",
		Long: `Make a bundle of node files: the container images of the configuration's
release and the binaries that make a host a node, each with its digest. Hosts
over SSH become nodes from it without a registry or the internet: name it in
SSHDatacenterConfig's nodeFiles.

Without --archives the images are pulled from their registries, or from the
configuration's registry mirror; REGISTRY_USERNAME and REGISTRY_PASSWORD hold
its login. Without --files the binaries are fetched from EKS Distro and EKS
Anywhere, which publish their digests. With both, nothing is fetched.

Interrupted at any moment, the same command goes on where it was; with nothing
changed it makes nothing. The same images and binaries make the same bundle.`,
		Example: `  bootstrap images export -f demo.yaml -o /srv/node-files
  bootstrap images export -f demo.yaml -o node-files.tar --arch arm64 --files ./bin
  bootstrap images export -f demo.yaml -o /srv/node-files --archives ./archives --files ./bin --output json`,
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	o := export.Options{}
	c.Flags().StringVarP(&o.Output, "to", "o", "", "the bundle: a folder, or a file that ends in .tar (required)")
	c.Flags().StringVar(&o.Archives, "archives", "", "take the images from this folder of archives (docker save, ctr export, skopeo, crane; plain, gzip or zstd)")
	c.Flags().StringVar(&o.Files, "files", "", "take the binaries from this folder: kubelet, containerd, cni/loopback, …")
	c.Flags().StringVar(&o.Arch, "arch", "amd64", "the nodes' architecture: amd64 or arm64")
	format := formatFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := checkExport(o); err != nil {
			return usage(c, err)
		}
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		if o.Release, err = releaseOf(cfg, *catalogue); err != nil {
			return err
		}
		login := kubeadm.CredentialsFromEnv(os.Getenv)
		o.Config, o.Username, o.Password = cfg, login.Username, login.Password
		if *format == outputText {
			o.OnProgress = exportLines(c.ErrOrStderr())
		}
		result, err := export.Export(c.Context(), o)
		if err != nil {
			return err
		}
		if *format == outputJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(result)
		}
		return exported(c.OutOrStdout(), o, result)
	}
	return c
}

// formatFlag adds --output without its short form, which the command has
// another use for.
func formatFlag(c *cobra.Command, formats ...output) *output {
	value := &outputValue{value: formats[0], allowed: formats}
	c.Flags().Var(value, "output", fmt.Sprintf("output format: %s or %s", formats[0], formats[1]))
	return &value.value
}

func checkExport(o export.Options) error {
	switch {
	case o.Output == "":
		return errors.New("no bundle is named: add -o DIR or -o FILE.tar")
	case o.Output == string(outputJSON) || o.Output == string(outputText):
		return fmt.Errorf("-o names the bundle here: write --output %s, or -o ./%[1]s for a folder of that name", o.Output)
	case !slices.Contains([]string{"amd64", "arm64"}, o.Arch):
		return fmt.Errorf("--arch %q is neither amd64 nor arm64", o.Arch)
	}
	return nil
}

// progressEvery is how often a line tells how much has been read, where
// nothing is finished meanwhile.
const progressEvery = 10 * time.Second

// exportLines writes a line for each file that is finished.
func exportLines(w io.Writer) func(export.Progress) {
	last := time.Now()
	return func(p export.Progress) {
		switch {
		case p.Path != "" && p.Kept:
			fmt.Fprintf(w, "kept  %-34s %10s\n", p.Path, size(p.Size))
		case p.Path != "":
			fmt.Fprintf(w, "made  %-34s %10s  from %s\n", p.Path, size(p.Size), p.From)
		case time.Since(last) < progressEvery:
			return
		default:
			fmt.Fprintf(w, "read  %s of %s\n", size(p.Read), size(p.Total))
		}
		last = time.Now()
	}
}

// size is a number of bytes for people.
func size(bytes int64) string {
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if bytes >= unit.bytes {
			return fmt.Sprintf("%.1f %s", float64(bytes)/float64(unit.bytes), unit.name)
		}
	}
	return fmt.Sprintf("%d B", bytes)
}

// exported says what was made and how it is used.
func exported(w io.Writer, o export.Options, r *export.Result) error {
	location := r.Location
	if absolute, err := filepath.Abs(location); err == nil {
		location = absolute
	}
	lines := []string{
		fmt.Sprintf("%s: %d images and %d binaries of %s for linux/%s; %d made, %d kept", r.Location, r.Images, r.Files, o.Release.EKSD, r.Arch, r.Made, r.Kept),
		fmt.Sprintf("%d bytes, of which %d go to a control plane and %d to a worker", r.Bytes, r.ControlPlaneBytes, r.WorkerBytes),
		"for SSHDatacenterConfig:",
		"  nodeFiles:",
		"    location: " + location,
		"    digest: " + r.Digest,
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

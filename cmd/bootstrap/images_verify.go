package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/images/bundle"
)

func newImagesVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify BUNDLE",
		Short: "Compare every file of a bundle with its digest",
		Long: `Read every file of a bundle (a folder, a .tar file or the https URL of a folder)
and compare it with the digest in the bundle's index. It ends with exit code 3
and the names of the files where any is missing or another one.`,
		Example: `  bootstrap images verify /srv/node-files
  bootstrap images verify https://files.example.com/v1.35 --digest sha256:…`,
		Args: oneBundle,
	}
	digest := c.Flags().String("digest", "", `the digest that the index has to have: "sha256:…"; a URL needs it`)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := bundle.Open(c.Context(), args[0], *digest)
		if err != nil {
			return err
		}
		defer b.Close()
		var onProgress func(bundle.Progress)
		if *format == outputText {
			onProgress = verifyLines(c)
		}
		if err := b.Verify(c.Context(), onProgress); err != nil {
			return err
		}
		index := b.Index()
		if *format == outputJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{
				"location": args[0], "digest": b.Digest(), "kubernetes": index.Kubernetes, "version": index.Version, "arch": index.Arch,
				"files": len(index.Files), "images": len(index.Images), "bytes": index.Size(), "verified": true,
			})
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %d images and %d binaries of %s for linux/%s are as they should be\n%d bytes, digest %s\n",
			args[0], len(index.Images), len(index.Files), index.Version, index.Arch, index.Size(), b.Digest())
		return err
	}
	return c
}

func oneBundle(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("name one bundle: a folder, a .tar file or an https URL")
	}
	return nil
}

// verifyLines writes a line now and then: a bundle has gigabytes.
func verifyLines(c *cobra.Command) func(bundle.Progress) {
	last := time.Now()
	return func(p bundle.Progress) {
		if time.Since(last) >= progressEvery {
			last = time.Now()
			fmt.Fprintf(c.ErrOrStderr(), "read  %s of %s\n", size(p.Done), size(p.Total))
		}
	}
}

package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/secret"
)

// The login that the simulated vCenter takes.
const (
	username = "administrator@vsphere.local"
	password = "a-rehearsed-password"
)

// startSite starts a vCenter that holds what the configuration at path names.
func startSite(ctx context.Context, path, folder string) (*rehearsal.Site, *v1alpha1.Config, error) {
	config, err := v1alpha1.Load(path)
	if err != nil {
		return nil, nil, err
	}
	site, err := rehearsal.Start(ctx, rehearsal.Options{
		Config: config, Dir: filepath.Join(folder, "site"),
		Credentials: rehearsal.Credentials{Username: username, Password: secret.New(password)},
		Log:         slog.New(slog.DiscardHandler),
	})
	return site, config, err
}

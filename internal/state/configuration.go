package state

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aymanbagabas/go-udiff"
)

// SaveConfiguration keeps the effective configuration that the cluster is
// made from.
func (d *Dir) SaveConfiguration(data []byte) error { return d.WriteFile(ConfigurationFile, data) }

// Configuration returns the effective configuration that an earlier run
// saved; where none did, the error is fs.ErrNotExist.
func (d *Dir) Configuration() ([]byte, error) { return d.ReadFile(ConfigurationFile) }

// Digest is what stands for a configuration in the journal: the SHA-256 of
// its effective form, in hexadecimal.
func Digest(configuration []byte) string {
	sum := sha256.Sum256(configuration)
	return hex.EncodeToString(sum[:])
}

// Difference is how the configuration next differs from the one that the
// cluster was begun with, as a unified diff; empty where they are equal.
func Difference(begun, next []byte) string {
	return udiff.Unified("begun with", "now", string(begun), string(next))
}

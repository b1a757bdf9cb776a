package kubeadm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// ContentName is base with a hash of content behind it. Cluster API's
// templates do not change: another content needs another object, and a file
// that is applied twice must name the same one.
func ContentName(base string, content any) (string, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("hashing the content of %s: %w", base, err)
	}
	sum := sha256.Sum256(data)
	return base + "-" + hex.EncodeToString(sum[:4]), nil
}

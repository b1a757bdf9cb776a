package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/tui/form"
)

// maxKeyFile is far more than a public key has, in bytes.
const maxKeyFile = 64 << 10

// ownKeys are the public keys in ~/.ssh of who runs the program.
func ownKeys(ctx context.Context) ([]form.Option, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, nil // nothing is offered then
	}
	files, err := filepath.Glob(filepath.Join(home, ".ssh", "*.pub"))
	if err != nil {
		return nil, err
	}
	var options []form.Option
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyFile {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, key := range split(string(data)) {
			if parts := strings.Fields(key); len(parts) >= 2 && !strings.HasPrefix(key, "#") {
				options = append(options, form.Option{Value: key, Label: filepath.Base(file), Detail: parts[0] + " " + strings.Join(parts[2:], " ")})
			}
		}
	}
	return options, nil
}

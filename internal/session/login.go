package session

import (
	"crypto/rand"
	"errors"
	"io/fs"

	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

const (
	rehearsalLogin    = "rehearsal-login"
	rehearsalUsername = "rehearsal@vsphere.local"
)

// rehearsalCredentials are made once for each rehearsal: it neither needs nor
// sees the login of the real vCenter.
func rehearsalCredentials(dir *state.Dir) (vcenter.Credentials, error) {
	password, err := dir.ReadFile(rehearsalLogin)
	if errors.Is(err, fs.ErrNotExist) {
		password = []byte(rand.Text())
		err = dir.WriteFile(rehearsalLogin, password)
	}
	if err != nil {
		return vcenter.Credentials{}, err
	}
	return vcenter.Credentials{Username: rehearsalUsername, Password: secret.New(string(password))}, nil
}

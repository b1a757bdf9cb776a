package vcenter

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// Where the credentials come from. The first two are EKS Anywhere's names.
const (
	UsernameVariable        = "EKSA_VSPHERE_USERNAME"
	PasswordVariable        = "EKSA_VSPHERE_PASSWORD"
	CredentialsFileVariable = "EKSA_VSPHERE_CREDENTIALS_FILE"
)

// maxCredentialsFile is far more than two lines need; a larger file is not a
// credentials file.
const maxCredentialsFile = 64 << 10

// Credentials are what the vCenter knows a user by.
type Credentials struct {
	Username string
	Password secret.String
	// problem is why they are incomplete, for the check that reports it.
	problem error
}

// CredentialsFromEnv reads the user's name and password from
// EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD, and what is missing there
// from the file that EKSA_VSPHERE_CREDENTIALS_FILE names: lines of the form
// NAME=value with the same names. The file must be readable by its owner
// alone. The error is a *failure.Error that says what is missing; the
// credentials returned with it make the preflight say the same.
func CredentialsFromEnv(getenv func(string) string) (Credentials, error) {
	c := Credentials{Username: getenv(UsernameVariable), Password: secret.New(getenv(PasswordVariable))}
	path := getenv(CredentialsFileVariable)
	if path != "" && (c.Username == "" || c.Password.Empty()) {
		values, err := readCredentialsFile(path)
		if err != nil {
			c.problem = err
			return c, err
		}
		if c.Username == "" {
			c.Username = values[UsernameVariable]
		}
		if c.Password.Empty() {
			c.Password = secret.New(values[PasswordVariable])
		}
	}
	c.problem = missingCredentials(c, path)
	return c, c.problem
}

// missingCredentials says which of the two is not there, or nil.
func missingCredentials(c Credentials, path string) error {
	var missing []string
	if c.Username == "" {
		missing = append(missing, UsernameVariable)
	}
	if c.Password.Empty() {
		missing = append(missing, PasswordVariable)
	}
	if len(missing) == 0 {
		return nil
	}
	names := strings.Join(missing, " and ")
	e := &failure.Error{Code: failure.Preflight, Summary: "the vCenter credentials are incomplete: " + names + " not set",
		Remedy: fmt.Sprintf("Set %s in the environment, or name a file with the lines %s=… and %s=… in %s (mode 0600).",
			names, UsernameVariable, PasswordVariable, CredentialsFileVariable)}
	if path != "" {
		e.Summary += ", neither in the environment nor in the file"
		e.Object = path
	}
	return e
}

// readCredentialsFile returns the NAME=value lines of a file that nobody but
// its owner can read.
func readCredentialsFile(path string) (map[string]string, error) {
	fail := func(remedy string, cause error) error {
		return &failure.Error{Code: failure.Preflight, Summary: "the vCenter credentials file cannot be used", Object: path, Remedy: remedy, Err: cause}
	}
	// Without O_NONBLOCK a named pipe would hold the program up for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		var inPath *os.PathError
		if errors.As(err, &inPath) {
			err = inPath.Err // the path is the object already
		}
		return nil, fail("Make the file, or correct "+CredentialsFileVariable+".", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fail("", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fail("Name a regular file.", errors.New("it is not a regular file"))
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fail("Run: chmod 600 "+path, fmt.Errorf("its mode is %04o, so others than its owner may read or change it", mode))
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != uint32(os.Geteuid()) && os.Geteuid() != 0 {
		return nil, fail("Use a file of your own.", errors.New("it belongs to another user"))
	}
	return parseCredentials(io.LimitReader(f, maxCredentialsFile), fail)
}

// parseCredentials reads NAME=value lines. A value may stand in single or
// double quotes; a line may start with "export", as in a shell's file. The
// errors name lines by number only, because what stands there may be secret.
func parseCredentials(r io.Reader, fail func(string, error) error) (map[string]string, error) {
	values := make(map[string]string, 2)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || name != UsernameVariable && name != PasswordVariable {
			return nil, fail(fmt.Sprintf("Write only lines of the form %s=… and %s=….", UsernameVariable, PasswordVariable),
				fmt.Errorf("line %d sets neither", n))
		}
		if quoted := len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len(value)-1]; quoted {
			value = value[1 : len(value)-1]
		}
		values[name] = value
	}
	if err := lines.Err(); err != nil {
		return nil, fail("", fmt.Errorf("reading it: %w", err))
	}
	return values, nil
}

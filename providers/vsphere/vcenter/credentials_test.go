package vcenter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestCredentialsFromEnv(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	both := "# the vCenter\nexport EKSA_VSPHERE_USERNAME='ann@vsphere.local'\n\nEKSA_VSPHERE_PASSWORD=\"" + simPassword + "=\"\n"
	for name, c := range map[string]struct {
		env                       map[string]string
		user, password, want, how string
	}{
		"environment":      {map[string]string{UsernameVariable: "ann", PasswordVariable: simPassword}, "ann", simPassword, "", ""},
		"nothing":          {nil, "", "", "EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD not set", "Set EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD in the environment, or name a file"},
		"no password":      {map[string]string{UsernameVariable: "ann"}, "ann", "", ": EKSA_VSPHERE_PASSWORD not set", "EKSA_VSPHERE_CREDENTIALS_FILE"},
		"file":             {map[string]string{CredentialsFileVariable: file("both", both, 0o600)}, "ann@vsphere.local", simPassword + "=", "", ""},
		"environment wins": {map[string]string{UsernameVariable: "bob", CredentialsFileVariable: file("wins", both, 0o400)}, "bob", simPassword + "=", "", ""},
		"file unused":      {map[string]string{UsernameVariable: "ann", PasswordVariable: "x", CredentialsFileVariable: "/nowhere"}, "ann", "x", "", ""},
		"file incomplete":  {map[string]string{CredentialsFileVariable: file("half", UsernameVariable+"=ann", 0o600)}, "ann", "", "neither in the environment nor in the file", "Set EKSA_VSPHERE_PASSWORD"},
		"file for all":     {map[string]string{CredentialsFileVariable: file("open", both, 0o644)}, "", "", "its mode is 0644", "chmod 600 "},
		"file for a group": {map[string]string{CredentialsFileVariable: file("group", both, 0o660)}, "", "", "its mode is 0660", "chmod 600 "},
		"no file":          {map[string]string{CredentialsFileVariable: filepath.Join(dir, "none")}, "", "", "no such file", "Make the file"},
		"folder":           {map[string]string{CredentialsFileVariable: dir}, "", "", "not a regular file", "regular file"},
		"pipe":             {map[string]string{CredentialsFileVariable: pipe}, "", "", "not a regular file", "regular file"},
		"other lines":      {map[string]string{CredentialsFileVariable: file("odd", both+simPassword+"\n", 0o600)}, "", "", "line 5 sets neither", "Write only lines"},
		"binary":           {map[string]string{CredentialsFileVariable: file("binary", strings.Repeat(simPassword+"\x00", 9000), 0o600)}, "", "", "cannot be used", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := CredentialsFromEnv(func(name string) string { return c.env[name] })
			if got.Username != c.user || got.Password.Reveal() != c.password {
				t.Errorf("got %q and %q", got.Username, got.Password.Reveal())
			}
			if (err != nil) != (c.want != "") {
				t.Fatalf("the error is %v", err)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(failure.Remedy(err), c.how) || failure.ExitCode(err) != failure.Preflight {
				t.Errorf("the error is %v\nremedy %s", err, failure.Remedy(err))
			}
			if all := fmt.Sprintf("%v %+v %#v %v", err, got, got, failure.Remedy(err)); strings.Contains(all, simPassword) {
				t.Errorf("the password is in %s", all)
			}
		})
	}
}

// What is wrong with the credentials is said by the preflight as well.
func TestCheckCredentialsReportsTheFile(t *testing.T) {
	s := newSim(t)
	path := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.site.Credentials, _ = CredentialsFromEnv(func(name string) string { return map[string]string{CredentialsFileVariable: path}[name] })
	results, _ := s.run()
	if c := results[CheckCredentials]; !strings.Contains(c.Found, "0644") || !strings.Contains(c.Remedy, "chmod 600") {
		t.Errorf("the check says %+v", c)
	}
}

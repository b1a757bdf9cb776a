package remote

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/secret"
)

// become is how the user of a connection becomes root.
type become struct {
	sudo     bool
	password secret.String // what sudo asks for; empty where it asks nothing
}

// prefix goes before the command. -p keeps sudo's prompt out of stderr.
func (b become) prefix() string {
	switch {
	case !b.sudo:
		return ""
	case b.password.Empty():
		return "env LC_ALL=C sudo -n -- "
	}
	return "env LC_ALL=C sudo -S -p '' -- "
}

// findBecome finds out what the user needs to be root: nothing, sudo, or
// sudo with the password.
func findBecome(ctx context.Context, c *Client) (become, error) {
	if c.target.User == "root" {
		return become{}, nil
	}
	free := become{sudo: true}
	_, err := c.run(ctx, free, Command{Script: ":"})
	said, refused := isNotStarted(err)
	if err == nil || !refused {
		return free, err
	}
	if c.target.SudoPassword.Empty() || !strings.Contains(said, "password is required") {
		return become{}, c.target.sudoRefused(said)
	}
	// One attempt with nothing after the password, so that a wrong one is
	// not followed by lines that sudo takes for further attempts, which
	// would lock the account (pam_faillock).
	asked := become{sudo: true, password: c.target.SudoPassword}
	status, output, err := c.once(ctx, asked.prefix()+"sh -c :", c.target.SudoPassword.Reveal()+"\n")
	if err != nil {
		return become{}, err
	}
	if status != 0 {
		return become{}, c.target.sudoRefused(output)
	}
	return asked, nil
}

// sudoRefused says why the user cannot become root. said is what sudo, or the
// login shell in its place, printed.
func (t Target) sudoRefused(said string) error {
	free := fmt.Sprintf("echo '%s ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/%s; chmod 0440 /etc/sudoers.d/%s", t.User, strings.ReplaceAll(t.User, ".", "_"), strings.ReplaceAll(t.User, ".", "_"))
	var err error
	if line := lastLine(said); line != "" {
		err = fmt.Errorf("the host says: %s", line)
	}
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(said, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("password is required") && t.SudoPassword.Empty():
		return t.fail(ErrSudo, err, fmt.Sprintf("sudo asks the user %q for a password", t.User),
			"Let the user become root without one (as root on the host: "+free+"), log in as root, or give the password of sudo.")
	case has("Sorry, try again", "incorrect password", "no password was provided", "password is required"):
		return t.fail(ErrSudo, err, fmt.Sprintf("sudo does not accept the password of the user %q", t.User),
			"Correct the password, or let the user become root without one (as root on the host: "+free+").")
	case has("not in the sudoers", "not allowed to", "may not run sudo"):
		return t.fail(ErrSudo, err, fmt.Sprintf("the user %q may not become root through sudo", t.User),
			"As root on the host: "+free)
	case has("must have a tty"):
		return t.fail(ErrSudo, err, "sudo wants a terminal",
			fmt.Sprintf("As root on the host: echo 'Defaults:%s !requiretty' >> /etc/sudoers.d/%s", t.User, strings.ReplaceAll(t.User, ".", "_")))
	case has("sudo: not found", "sudo: command not found", "sudo': No such file", "‘sudo’: No such file", "sudo: No such file"):
		return t.fail(ErrSudo, err, "the host has no sudo", "Install sudo on the host, or log in as root.")
	}
	return t.fail(ErrSudo, err, fmt.Sprintf("the user %q cannot run commands as root", t.User),
		fmt.Sprintf("See that this prints 0: ssh %s@%s sudo -n id -u", t.User, t.Address))
}

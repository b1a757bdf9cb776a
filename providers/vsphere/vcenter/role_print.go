package vcenter

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"groundwork.dev/bootstrap/internal/failure"
)

// The forms in which WriteRole writes.
const (
	RoleText = "text"
	RoleJSON = "json"
	// RoleGovc is a shell script that makes the roles and gives them to a
	// user with govc, for an administrator to read and run.
	RoleGovc = "govc"
)

// WriteRole writes grants in one of the forms. user is whom the script gives
// them to; where it is empty the script asks for it as its argument.
func WriteRole(w io.Writer, form, user string, grants []Grant) error {
	var err error
	switch form {
	case RoleText:
		err = writeRoleText(w, grants)
	case RoleJSON:
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(grants)
	case RoleGovc:
		_, err = io.WriteString(w, roleScript(user, grants))
	default:
		return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("there is no form %q of a role", form), Remedy: "Choose text, json or govc."}
	}
	if err != nil {
		return fmt.Errorf("writing the role: %w", err)
	}
	return nil
}

func writeRoleText(w io.Writer, grants []Grant) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, g := range grants {
		if i > 0 {
			fmt.Fprintln(t)
		}
		reach := ""
		if g.Propagate {
			reach = ", and everything below"
		}
		special := g.when()
		if special != "" {
			reach += ", only where " + special
		}
		fmt.Fprintf(t, "On the %s %s%s:\n", g.Kind, strings.Join(g.Objects, ", "), reach)
		for _, p := range g.Privileges {
			why := p.Why
			if p.When != special {
				why += ", only where " + p.When
			}
			fmt.Fprintf(t, "  %s\t%s\n", p.ID, why)
		}
	}
	return t.Flush() //nolint:wrapcheck // WriteRole does
}

// when is the case in which alone the whole grant is needed, or "".
func (g Grant) when() string {
	for _, p := range g.Privileges {
		if p.When == "" {
			return ""
		}
	}
	return g.Privileges[0].When
}

// roleScript is a POSIX shell script. A role that exists is brought up to
// date, so that the script can be run again. What special cases alone need is
// there as a comment.
func roleScript(user string, grants []Grant) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Makes the roles that Groundwork needs and gives them to a user. Run it as a vCenter\n# administrator, with GOVC_URL, GOVC_USERNAME and GOVC_PASSWORD set.\nset -eu\n")
	principal := `"${1:?the user, such as groundwork@vsphere.local}"`
	if user != "" {
		principal = quote(user)
	}
	b.WriteString("user=" + principal + "\nrole() {\n  name=$1\n  shift\n  govc role.create \"$name\" \"$@\" || govc role.update \"$name\" \"$@\"\n}\n")
	written := map[string]bool{}
	for _, g := range grants {
		special := g.when()
		comment := ""
		if special != "" {
			comment = "# "
			b.WriteString("\n# Only where " + special + ":")
		}
		if !written[g.Role] {
			written[g.Role] = true
			writeRoleCommand(&b, comment, g, special)
		}
		for _, o := range g.Objects {
			fmt.Fprintf(&b, "%sgovc permissions.set -principal \"$user\" -role %s -propagate=%t %s\n", comment, quote(g.Role), g.Propagate, quote(o))
		}
	}
	return b.String()
}

// writeRoleCommand writes the command that makes g's role, and after it what
// the role needs in other cases than special.
func writeRoleCommand(b *strings.Builder, comment string, g Grant, special string) {
	b.WriteString("\n" + comment + "role " + quote(g.Role))
	var others []string
	for _, p := range g.Privileges {
		if p.When == special {
			b.WriteString(" \\\n" + comment + "  " + p.ID)
		} else {
			others = append(others, fmt.Sprintf("# Only where %s, add to it: %s\n", p.When, p.ID))
		}
	}
	b.WriteString("\n" + strings.Join(others, ""))
}

// quote makes one word of the POSIX shell of s.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

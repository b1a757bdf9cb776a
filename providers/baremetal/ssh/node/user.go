package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// user is one entry of users.
type user struct {
	Name              string `json:"name"`
	Gecos             text   `json:"gecos,omitempty"`
	Passwd            text   `json:"passwd,omitempty"` // hashed
	Groups            words  `json:"groups,omitempty"`
	PrimaryGroup      text   `json:"primary_group,omitempty"`
	HomeDir           text   `json:"homedir,omitempty"`
	Shell             text   `json:"shell,omitempty"`
	Inactive          text   `json:"inactive,omitempty"`
	LockPasswd        *bool  `json:"lock_passwd,omitempty"`
	Sudo              rules  `json:"sudo,omitempty"`
	SSHAuthorizedKeys []text `json:"ssh_authorized_keys,omitempty"`
}

// userName is what useradd takes (shadow's NAME_REGEX in Debian and RHEL).
var userName = regexp.MustCompile(`^[a-z_][a-z0-9_.-]{0,31}$`)

// UnmarshalJSON implements json.Unmarshaler: "default" stands for the image's
// own user, which a host that runs already has.
func (u *user) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil {
		if name != "default" {
			return errors.New("an entry of users is a bare name; it needs name: and what the user may do")
		}
		return nil
	}
	type entry user
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode((*entry)(u)); err != nil {
		return err
	}
	if !userName.MatchString(u.Name) {
		return fmt.Errorf("users: %q is no user name", u.Name)
	}
	return nil
}

// calls adds the user to the plan. The hashed password goes as a content: it
// must not be in any process's arguments.
func (u user) calls(p *plan) error {
	if u.Name == "" {
		return nil
	}
	for _, value := range []text{u.Gecos, u.Passwd, u.PrimaryGroup, u.HomeDir, u.Shell} {
		if strings.ContainsAny(string(value), "\n\r:") {
			return fmt.Errorf("users: %s has a value with a colon or a line break", u.Name)
		}
	}
	inactive := string(u.Inactive)
	switch inactive {
	case "true":
		inactive = "0" // days until the account ends with its password
	case "false":
		inactive = ""
	}
	p.call("make_user", u.Name, string(u.Gecos), string(u.PrimaryGroup), strings.Join(u.Groups, ","),
		string(u.HomeDir), string(u.Shell), inactive)
	// Without lock_passwd a password is locked, as cloud-init has it.
	if u.Passwd != "" && u.LockPasswd != nil && !*u.LockPasswd {
		p.call("set_password", p.content([]byte(u.Name+":"+string(u.Passwd)+"\n")))
	}
	if len(u.Sudo) > 0 {
		var lines strings.Builder
		for _, rule := range u.Sudo {
			lines.WriteString(u.Name + " " + rule + "\n")
		}
		p.call("allow_sudo", u.Name, p.content([]byte(lines.String())))
	}
	var keys strings.Builder
	for _, key := range u.SSHAuthorizedKeys {
		if strings.ContainsAny(string(key), "\n\r") {
			return fmt.Errorf("users: a key of %s has more than one line", u.Name)
		}
		keys.WriteString(string(key) + "\n")
	}
	if keys.Len() > 0 {
		p.call("authorize", u.Name, p.content([]byte(keys.String())))
	}
	return nil
}

// text is a text that may stand as a number or truth value.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	s, err := scalar(value)
	*t = text(s)
	return err
}

// words is a list, or a text with commas.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(data []byte) error {
	list, err := oneOrMore(data)
	if err != nil {
		return err
	}
	for _, item := range list {
		for word := range strings.SplitSeq(item, ",") {
			if word = strings.TrimSpace(word); word != "" {
				*w = append(*w, word)
			}
		}
	}
	return nil
}

// rules is a rule of sudoers, a list of them, or false.
type rules []string

// UnmarshalJSON implements json.Unmarshaler.
func (r *rules) UnmarshalJSON(data []byte) error {
	list, err := oneOrMore(data)
	for _, rule := range list {
		if strings.ContainsAny(rule, "\n\r") {
			return errors.New("a rule for sudo has more than one line")
		}
		if rule = strings.TrimSpace(rule); rule != "" && !strings.EqualFold(rule, "false") {
			*r = append(*r, rule)
		}
	}
	return err
}

// oneOrMore reads a text or a list of texts.
func oneOrMore(data []byte) ([]string, error) {
	var list []text
	if json.Unmarshal(data, &list) != nil {
		var one text
		if err := json.Unmarshal(data, &one); err != nil {
			return nil, errors.New("a text or a list of texts is wanted")
		}
		list = []text{one}
	}
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = string(t)
	}
	return texts, nil
}

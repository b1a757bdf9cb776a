package cluster

import (
	"context"
	"fmt"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// users is the page of the machines' users.
type users struct {
	draft *draft.Draft
	scope *scope
}

// access asks who can log in to the machines.
func access(d *draft.Draft) form.Page {
	u := users{d, &scope{draft: d, path: "users", value: func(m draft.Machine) any { return *m.Users() }}}
	return form.Page{
		ID: "access", Title: "SSH access",
		Intro:  "Users of the machines, who log in with SSH keys. Nobody has a password.",
		Fields: u.fields, Notes: u.notes, Actions: u.actions,
	}
}

func (u users) fields() []form.Field {
	machines := u.scope.machines()
	if len(machines) == 0 {
		return nil
	}
	fields := []form.Field{u.scope.field()}
	shown := machines[0]
	for i := range *shown.Users() {
		user := &(*shown.Users())[i]
		a := of(u.draft, shown.Object(), fmt.Sprintf("users[%d]", i))
		id, which := fmt.Sprintf("%s.%d.", u.scope.current(), i), ""
		if i > 0 {
			which = fmt.Sprintf(" %d", i+1)
		}
		chosen := a.ask(id+"choose", "SSH keys"+which, "", "Keys of this machine's ~/.ssh, to be chosen with space. Others can be pasted below.", u.shared(machines, lines(&user.SshAuthorizedKeys)))
		chosen.Kind, chosen.Options, chosen.Object = form.Choices, ownKeys, ""
		fields = append(fields,
			a.ask(id+"name", "User"+which, "name", "The name to log in with.", u.shared(machines, text(&user.Name))),
			chosen,
			a.ask(id+"keys", "SSH keys as text"+which, "sshAuthorizedKeys", "Public keys, one on each line, as in a .pub file.", u.shared(machines, lines(&user.SshAuthorizedKeys))),
		)
	}
	return fields
}

// shared gives an answer to all of machines; the first shows it.
func (u users) shared(machines []draft.Machine, value answer) answer {
	set := value.set
	value.set = func(typed string) error {
		if err := set(typed); err != nil {
			return err
		}
		share(machines)
		return nil
	}
	return value
}

// share copies the users of the first to the other machines.
func share(machines []draft.Machine) {
	for _, m := range machines[1:] {
		*m.Users() = nil
		for _, user := range *machines[0].Users() {
			user.SshAuthorizedKeys = slices.Clone(user.SshAuthorizedKeys)
			*m.Users() = append(*m.Users(), user)
		}
	}
}

func (u users) actions() []form.Action {
	machines := u.scope.machines()
	if len(machines) == 0 {
		return nil
	}
	all := []form.Action{{Key: addKey, Label: "add a user", Run: func(context.Context) (func() form.Note, error) {
		return func() form.Note {
			machines := u.scope.machines()
			list := machines[0].Users()
			*list = append(*list, v1alpha1.UserConfiguration{})
			share(machines)
			u.draft.Changed()
			return form.Note{}
		}, nil
	}}}
	list := *machines[0].Users()
	// Virtual machines always have one.
	least := 0
	if machines[0].VSphere != nil {
		least = 1
	}
	if len(list) > least {
		name := list[len(list)-1].Name
		if name == "" {
			name = "the last user"
		}
		all = append(all, form.Action{Key: removeKey, Label: "remove " + name, Run: func(context.Context) (func() form.Note, error) {
			return func() form.Note {
				machines := u.scope.machines()
				if list := machines[0].Users(); len(*list) > least {
					*list = (*list)[:len(*list)-1]
				}
				share(machines)
				u.draft.Changed()
				return form.Note{}
			}, nil
		}})
	}
	return all
}

func (u users) notes() []form.Note {
	all := u.scope.notes()
	keyless := map[string]bool{}
	for _, n := range u.draft.Notes() {
		if n.Field == "spec.users" {
			keyless[n.Object] = true
		}
	}
	for _, m := range u.scope.machines() {
		if keyless[m.Object()] {
			return append(all, form.Note{Level: form.Warning, Text: "Without an SSH key nobody can log in to the machines, when something has to be looked into."})
		}
	}
	return all
}

package ui

import "github.com/charmbracelet/bubbles/key"

// KeyMap are the keys that mean the same everywhere. The letters among them
// are for screens and lists that are not being typed into; for those that are,
// Typing variants leave them out.
type KeyMap struct {
	Up, Down, Left, Right             key.Binding
	Move                              key.Binding // Up and Down where one word is enough
	PageUp, PageDown, Top, Bottom     key.Binding
	NextField, PreviousField          key.Binding
	Choose, Toggle, Back, Filter      key.Binding
	Help, HelpTyping                  key.Binding
	Save, NextPage, PreviousPage      key.Binding
	Advanced, YAML, Retry             key.Binding
	Leave, Suspend                    key.Binding
	UpTyping, DownTyping              key.Binding
	LeftTyping, RightTyping, NextLine key.Binding
}

// Keys is the one key map. PageUp and PageDown are for views that scroll and
// have no pages to turn; NextPage and PreviousPage turn pages.
var Keys = KeyMap{
	Up:       bind("up/k", "up", "up", "k"),
	Down:     bind("down/j", "down", "down", "j"),
	Move:     bind("up/down", "move", "up", "k", "down", "j"),
	Left:     bind("left/h", "left", "left", "h"),
	Right:    bind("right/l", "right", "right", "l"),
	PageUp:   bind("pgup", "page up", "pgup", "ctrl+b"),
	PageDown: bind("pgdn", "page down", "pgdown", "ctrl+f"),
	Top:      bind("home/g", "first", "home", "g"),
	Bottom:   bind("end/G", "last", "end", "G"),

	NextField:     bind("tab", "next field", "tab"),
	PreviousField: bind("shift+tab", "previous field", "shift+tab"),

	Choose:     bind("enter", "choose", "enter"),
	Toggle:     bind("space", "toggle", " ", "x"),
	Back:       bind("esc", "back", "esc"),
	Filter:     bind("/", "filter", "/"),
	Help:       bind("?", "help", "?", "f1"),
	HelpTyping: bind("F1", "help", "f1"),

	Save:         bind("ctrl+s", "save", "ctrl+s"),
	NextPage:     bind("ctrl+n", "next page", "ctrl+n", "pgdown"),
	PreviousPage: bind("ctrl+p", "previous page", "ctrl+p", "pgup"),
	Advanced:     bind("ctrl+a", "advanced", "ctrl+a"),
	YAML:         bind("ctrl+y", "YAML", "ctrl+y"),
	Retry:        bind("ctrl+r", "try again", "ctrl+r"),

	Leave:   bind("ctrl+c", "leave", "ctrl+c"),
	Suspend: bind("ctrl+z", "suspend", "ctrl+z"),

	UpTyping:    bind("up", "up", "up"),
	DownTyping:  bind("down", "down", "down"),
	LeftTyping:  bind("left", "left", "left"),
	RightTyping: bind("right", "right", "right"),
	NextLine:    bind("ctrl+j", "new line", "ctrl+j", "alt+enter"),
}

func bind(shown, help string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
}

// Say is a binding that is called something else where it stands: enter is
// "create" on the review page.
func Say(b key.Binding, help string) key.Binding {
	b.SetHelp(b.Help().Key, help)
	return b
}

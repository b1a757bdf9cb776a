package app

import (
	"reflect"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// answer is what a command of the screen id came to.
type answer struct {
	id  int
	msg tea.Msg
}

// passed says that the time of a toast is over.
type passed int

// toastTime is how long a passing message can be read.
const toastTime = 4 * time.Second

func (a *App) say(text string) tea.Cmd {
	a.toast = text
	a.toasts++
	id := passed(a.toasts)
	return tea.Tick(toastTime, func(time.Time) tea.Msg { return id })
}

var (
	commands = reflect.TypeFor[[]tea.Cmd]()
	program  = reflect.TypeFor[tea.WindowSizeMsg]().PkgPath()
)

// tag makes the answer of cmd find the screen that it belongs to, also when
// another is on top by then.
func tag(id int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd()
		if msg == nil {
			return nil
		}
		if _, ok := msg.(tea.QuitMsg); ok {
			return nil // a component is done, which does not end the program
		}
		value := reflect.ValueOf(msg)
		if kind := value.Type(); kind.PkgPath() == program {
			if kind.Kind() != reflect.Slice || kind.Elem() != commands.Elem() {
				return msg // to be done by the program itself: run an editor
			}
			// A batch, or a sequence, whose type is not exported: it stays
			// what it is, and each of its commands is tagged.
			tagged := reflect.MakeSlice(kind, value.Len(), value.Len())
			for i := range value.Len() {
				one, _ := value.Index(i).Interface().(tea.Cmd)
				tagged.Index(i).Set(reflect.ValueOf(tag(id, one)))
			}
			return tagged.Interface()
		}
		return answer{id, msg}
	}
}

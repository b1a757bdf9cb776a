package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// tour is a walk through the interface at one size. The first error ends it:
// what follows does nothing.
type tour struct {
	ctx     context.Context
	term    *terminal
	painter *painter
	folder  string // for the screens
	taken   []string
	err     error
}

func (t *tour) do(f func() error) {
	if t.err == nil {
		t.err = f()
	}
}

// press sends keys by tmux's names.
func (t *tour) press(keys ...string) {
	t.do(func() error { return t.term.press(t.ctx, keys...) })
}

// write sends text.
func (t *tour) write(text string) {
	t.do(func() error { return t.term.typed(t.ctx, text) })
}

// see waits for texts.
func (t *tour) see(texts ...string) {
	t.do(func() error { return t.term.wait(t.ctx, patience, fmt.Sprintf("%q", texts), showing(texts...)) })
}

// seeAtLast waits for a text that comes after a whole rehearsal.
func (t *tour) seeAtLast(text string) {
	t.do(func() error { return t.term.wait(t.ctx, long, fmt.Sprintf("%q", text), showing(text)) })
}

// gone waits until a passing message has passed.
func (t *tour) gone(text string) {
	t.do(func() error {
		return t.term.wait(t.ctx, patience, fmt.Sprintf("%q to be gone", text), func(screen string) bool { return !strings.Contains(screen, text) })
	})
}

// sees waits for a pattern.
func (t *tour) sees(pattern string) {
	match := regexp.MustCompile(pattern)
	t.do(func() error { return t.term.wait(t.ctx, patience, pattern, match.MatchString) })
}

// focus goes to a question. It looks at the screen, since questions come and
// go with the answers.
func (t *tour) focus(title string) {
	const most = 30
	var screen string
	for range most {
		t.do(func() (err error) { screen, err = t.term.screen(t.ctx, false); return err })
		at, wanted := rows(screen, title)
		switch {
		case t.err != nil, at == wanted && at >= 0:
			return
		case wanted >= 0 && wanted < at:
			t.press("BTab")
		default:
			t.press("Tab")
		}
		before := screen
		t.do(func() error {
			return t.term.wait(t.ctx, patience, "the focus to move on", func(now string) bool { return now != before })
		})
	}
	t.do(func() error { return fmt.Errorf("there is no question %q on\n%s", title, screen) })
}

// cursor is where the focus is among the questions.
var cursor = regexp.MustCompile(`❯ (✗ |  |\+ )`)

// rows are the lines of the focus and of a question, -1 where there is none.
func rows(screen, title string) (at, wanted int) {
	question := regexp.MustCompile(`(❯|│| |^) (✗ |  )` + regexp.QuoteMeta(title) + `( {2}|$)`)
	at, wanted = -1, -1
	for i, line := range strings.Split(screen, "\n") {
		if cursor.MatchString(line) {
			at = i
		}
		if wanted < 0 && question.MatchString(line) {
			wanted = i
		}
	}
	return at, wanted
}

// answer types the answer to a question.
func (t *tour) answer(title, text string) {
	t.focus(title)
	t.press("C-u")
	t.write(text)
	t.see(text)
}

// pick chooses what filter leaves of the choices for a question, which are
// loaded from the site, and waits until the answer is shown.
func (t *tour) pick(title, filter, name string) {
	t.choose(title, filter, name)
	t.sees(regexp.QuoteMeta(title) + ` +\S*` + regexp.QuoteMeta(filter))
}

// choose is pick without waiting: the last choice of a page turns the page.
// The choices are kept as the screen name where that is not "".
func (t *tour) choose(title, filter, name string) {
	t.focus(title)
	t.press("Enter")
	t.see("to choose from")
	if name != "" {
		t.shot(name)
	}
	t.write(filter)
	t.sees(`❯ \S*` + regexp.QuoteMeta(filter))
	t.press("Enter")
}

// shot keeps the screen as text and as a picture.
func (t *tour) shot(name string) {
	t.do(func() error {
		captured, err := t.term.screen(t.ctx, true)
		if err != nil {
			return err
		}
		text, err := t.term.screen(t.ctx, false)
		if err != nil {
			return err
		}
		if strings.Contains(text, password) {
			return fmt.Errorf("the screen %s shows a password:\n%s", name, text)
		}
		name = fmt.Sprintf("%s-%dx%d", name, t.term.width, t.term.height)
		t.taken = append(t.taken, name)
		if err := os.WriteFile(filepath.Join(t.folder, name+".txt"), []byte(trimmed(text)), 0o644); err != nil {
			return err
		}
		return t.painter.write(filepath.Join(t.folder, name+".png"), parse(captured, t.term.width, t.term.height))
	})
}

// trimmed is text without blanks at line ends.
func trimmed(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

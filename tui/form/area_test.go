package form_test

import "testing"

// A key is pasted onto the question, without opening an editor first.
func TestPasteIntoLines(t *testing.T) {
	s := newSite()
	d, view := start(t, s, 80, 24)
	view.FocusField("ca")
	d.Paste("ssh-ed25519 AAAA first@example.com")
	d.Press("esc")
	if got, want := s.answers["ca"], "ssh-ed25519 AAAA first@example.com"; got != want {
		t.Fatalf("pasted, it is %q; want %q", got, want)
	}
	view.FocusField("ca")
	d.Paste("ssh-ed25519 BBBB second@example.com\n")
	d.Press("esc")
	if got, want := s.answers["ca"], "ssh-ed25519 AAAA first@example.com\nssh-ed25519 BBBB second@example.com\n"; got != want {
		t.Errorf("pasted once more, it is %q; want %q", got, want)
	}
}

package main

import "testing"

func TestAsks(t *testing.T) {
	for _, test := range []struct {
		name     string
		around   surroundings
		env      map[string]string
		want     asking
		mentions bool
	}{
		{"a terminal", surroundings{terminal: true}, map[string]string{"TERM": "xterm"}, screens, false},
		{"a serial console", surroundings{terminal: true}, map[string]string{"TERM": "vt100"}, screens, false},
		{"a pipe", surroundings{}, map[string]string{"TERM": "xterm"}, nobody, true},
		{"a dumb terminal", surroundings{terminal: true}, map[string]string{"TERM": "dumb"}, nobody, true},
		{"an unknown terminal", surroundings{terminal: true}, nil, nobody, true},
		{"CI", surroundings{terminal: true}, map[string]string{"TERM": "xterm", "CI": "true"}, nobody, true},
		{"no CI", surroundings{terminal: true}, map[string]string{"TERM": "xterm", "CI": "false"}, screens, false},
		{"the flag", surroundings{terminal: true, noTUI: true}, map[string]string{"TERM": "xterm"}, nobody, true},
		{"a screen reader", surroundings{terminal: true, accessible: true}, map[string]string{"TERM": "xterm"}, plainly, false},
		{"a screen reader by the environment", surroundings{terminal: true}, map[string]string{"TERM": "dumb", "ACCESSIBLE": "1"}, plainly, false},
		{"not a screen reader", surroundings{terminal: true}, map[string]string{"TERM": "xterm", "ACCESSIBLE": "0"}, screens, false},
		{"a screen reader without a terminal", surroundings{accessible: true}, map[string]string{"TERM": "xterm"}, nobody, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.around.getenv = func(name string) string { return test.env[name] }
			got, why := test.around.asks()
			if got != test.want || (why != "") != test.mentions {
				t.Errorf("asks() = %v, %q; want %v", got, why, test.want)
			}
		})
	}
}

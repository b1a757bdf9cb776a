package runner

import (
	"os"
	"os/exec"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

func TestEnded(t *testing.T) {
	c := exec.Command("true")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, of string
		want     bool
	}{
		{"this process", Name(), false},
		{"its parent", name(os.Getppid()), false},
		{"one that has ended", name(c.Process.Pid), true},
		{"one of another machine", "elsewhere_" + "4194303", false},
		{"nothing", "", false},
		{"nonsense", name(0), false},
	} {
		if got := Ended(test.of); got != test.want {
			t.Errorf("%s (%s): ended %v", test.name, test.of, got)
		}
	}
}

func TestNameIsALabel(t *testing.T) {
	if problems := validation.IsValidLabelValue(Name()); len(problems) > 0 {
		t.Errorf("%s: %v", Name(), problems)
	}
}

package app

import (
	"context"
	"errors"
	"io"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"groundwork.dev/bootstrap/tui/ui"
)

// framesPerSecond bounds the time from a key to what it draws, which waits for
// the next frame; a serial line is not given more than it can carry away.
const (
	framesPerSecond       = 120
	serialFramesPerSecond = 10
)

// Run shows first on the terminal that input and output are, until the program
// is left. It ends with the error of ctx when that is cancelled, and with nil
// when the user left.
func Run(ctx context.Context, env *ui.Env, first ui.Screen, input io.Reader, output io.Writer) error {
	// What draws without a theme, such as the defaults of a component, has to
	// keep to the colours of this terminal too.
	lipgloss.SetDefaultRenderer(env.Theme.Renderer)
	a := New(env, first)
	defer a.Close()
	fps := framesPerSecond
	if env.Theme.Glyphs.ASCII {
		fps = serialFramesPerSecond
	}
	program := tea.NewProgram(a,
		tea.WithContext(ctx), tea.WithInput(input), tea.WithOutput(output),
		tea.WithAltScreen(), tea.WithFPS(fps),
		tea.WithoutSignalHandler()) // signals end ctx

	_, err := program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

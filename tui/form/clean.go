package form

import (
	"strings"

	"groundwork.dev/bootstrap/tui/ui"
)

// clean makes text of others fit to be drawn on one line: names and messages
// come from servers and files.
func clean(s string) string { return strings.Join(strings.Fields(ui.Clean(s)), " ") }

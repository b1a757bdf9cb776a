package remotetest

import (
	"os"
	"syscall"
	"testing"
)

// WriteScript writes a program that is run right after. A process that another
// goroutine forks meanwhile would hold the file open for writing for a moment,
// and what is open for writing cannot be run (ETXTBSY).
func WriteScript(t testing.TB, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(text), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}

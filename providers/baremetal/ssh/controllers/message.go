package controllers

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"groundwork.dev/bootstrap/internal/failure"
)

// maxLog is how much of a host's log a condition quotes, in bytes; maxMessage
// bounds all of a message. The API server takes 32768.
const (
	maxLog     = 4096
	maxMessage = 8192
)

// withLog is the message with the end of the log under it, word for word.
func withLog(message, log string) string {
	log = strings.TrimRight(log, "\n")
	if len(log) > maxLog {
		log = log[len(log)-maxLog:]
		if _, rest, found := strings.Cut(log, "\n"); found {
			log = rest // whole lines only
		}
		log = strings.ToValidUTF8(log, "")
	}
	if log == "" {
		return message
	}
	return message + "\n" + log
}

// explain is the error with what to do about it.
func explain(err error) string {
	text := err.Error()
	if remedy := failure.Remedy(err); remedy != "" {
		text += "; " + remedy
	}
	return bounded(text)
}

func bounded(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	text = text[:maxMessage]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}

// mebibytes is how far a copy is: "812 of 1204 MiB".
func mebibytes(done, total int64) string {
	const mebibyte = 1 << 20
	return fmt.Sprintf("%d of %d MiB", done/mebibyte, (total+mebibyte-1)/mebibyte)
}

// certain reports whether err is one that asks a person to change something.
func certain(err error) bool {
	var e *failure.Error
	return errors.As(err, &e) && e.Code == failure.Configuration
}

// Package hardwarefile reads a hardware file while questions about it are on
// the screen: its machines, its problems row by row, and the labels by which
// machines are chosen.
package hardwarefile

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"groundwork.dev/bootstrap/providers/baremetal/hardware"
	"groundwork.dev/bootstrap/tui/form"
)

// patience is how long a screen waits for a file. A local one takes far less;
// one on a server that hangs must not make the screen hang.
const patience = 50 * time.Millisecond

// Contents is what a hardware file says. Of Machines and Problems, one is
// empty.
type Contents struct {
	Path     string
	Machines []hardware.Machine
	Problems hardware.Problems
	// Reading says that the file has not answered yet.
	Reading bool
}

// Reader reads one hardware file, again when it has changed. Its methods
// return at once, and are safe for concurrent use.
type Reader struct {
	options []hardware.Option

	mu      sync.Mutex
	last    Contents
	stamp   stamp
	reading bool
}

// stamp tells a changed file from the same one.
type stamp struct {
	path     string
	modified time.Time
	size     int64
	failed   bool
}

// New is a reader of files of the format that the options say.
func New(options ...hardware.Option) *Reader { return &Reader{options: options} }

// Read is what the file at path says, or said a moment ago; without a path
// nothing. An answer that is late is there when it is asked for again.
func (r *Reader) Read(path string) Contents {
	if path == "" {
		return Contents{}
	}
	r.mu.Lock()
	busy, last := r.reading, r.last
	r.reading = true
	r.mu.Unlock()
	if busy {
		return late(last, path)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.load(path)
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return late(r.last, path)
}

// late is what is known of path while it is read.
func late(last Contents, path string) Contents {
	if last.Path == path {
		return last
	}
	return Contents{Path: path, Reading: true}
}

func (r *Reader) load(path string) {
	r.mu.Lock()
	known := r.stamp
	r.mu.Unlock()
	now := stamp{path: path}
	if info, err := os.Stat(path); err == nil {
		now.modified, now.size = info.ModTime(), info.Size()
	} else {
		now.failed = true
	}
	contents := Contents{Path: path}
	if now != known || now.failed {
		var err error
		contents.Machines, err = hardware.LoadCSV(path, r.options...)
		if err != nil && !errors.As(err, &contents.Problems) {
			contents.Problems = hardware.Problems{{File: path, Message: err.Error()}}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now != known || now.failed {
		r.last, r.stamp = contents, now
	}
	r.reading = false
}

// shown is how many problems of a file are noted; the others are counted.
const shown = 8

// Notes say what is in the file, its problems in their place. noun is what a
// row is: "host".
func (c *Contents) Notes(noun string) []form.Note {
	switch {
	case c.Path == "":
		return nil
	case c.Reading:
		return []form.Note{{Level: form.Info, Text: "The file is being read."}}
	case len(c.Problems) == 0:
		return []form.Note{{Level: form.Info, Text: fmt.Sprintf("%s: %s.", filepath.Base(c.Path), Count(len(c.Machines), noun))}}
	}
	var notes []form.Note
	for i := range c.Problems {
		if i == shown {
			notes = append(notes, form.Note{Level: form.Error, Text: fmt.Sprintf("And %d more problems.", len(c.Problems)-shown)})
			break
		}
		notes = append(notes, form.Note{Level: form.Error, Text: Problem(&c.Problems[i])})
	}
	return notes
}

// Problem is a problem with its place in the file and its remedy.
func Problem(p *hardware.Problem) string {
	var place []string
	if p.Row > 0 {
		place = append(place, fmt.Sprintf("row %d", p.Row))
	}
	for _, part := range []string{p.Machine, p.Column} {
		if part != "" {
			place = append(place, part)
		}
	}
	text := p.Message
	if len(place) > 0 {
		text = strings.Join(place, ", ") + ": " + text
	}
	if p.Remedy != "" {
		text += "; " + p.Remedy
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Count is a number of things: "1 host", "3 hosts".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Labels are machines' labels as answers: every label that one of them has,
// and how many have it.
func Labels(machines []map[string]string, noun string) []form.Option {
	counts := map[string]int{}
	for _, labels := range machines {
		for key, value := range labels {
			counts[key+"="+value]++
		}
	}
	var options []form.Option
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		options = append(options, form.Option{Value: label, Detail: Count(counts[label], noun)})
	}
	return options
}

package progress

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/form"
)

// readEvery is how often the log file is looked at.
const readEvery = time.Second

// logFound says where the log file of a create is, "" while it is not there.
type logFound struct{ path string }

// findLog asks for the log file of the create, after delay.
func (m *Model) findLog(delay time.Duration) tea.Cmd {
	return after(delay, func() tea.Msg {
		cluster, err := m.find()
		if err != nil || cluster == nil {
			return logFound{}
		}
		return logFound{cluster.LogFile}
	})
}

func (m *Model) logIs(found logFound) tea.Cmd {
	switch {
	case m.ctx.Err() != nil:
		return nil
	case found.path == "":
		return m.findLog(readEvery)
	}
	m.reader = &logReader{path: found.path}
	return m.readLog(0)
}

// logRead is what was new in the log file.
type logRead struct {
	found   logged
	lines   []line
	records []record // of the events
	err     error
}

// readLog reads on, after delay.
func (m *Model) readLog(delay time.Duration) tea.Cmd {
	reader, location := m.reader, m.env.Now().Location()
	if reader == nil || reader.path == "" {
		return nil
	}
	return after(delay, func() tea.Msg {
		found, err := reader.read()
		read := logRead{found: found, err: err}
		for _, text := range found.lines {
			shown, r := logLine(text, location)
			read.lines = append(read.lines, shown)
			if r.event != "" {
				read.records = append(read.records, r)
			}
		}
		return read
	})
}

// logged takes in what was new. Where the create runs elsewhere, its events
// come from there too.
func (m *Model) logged(read logRead) tea.Cmd {
	if m.ctx.Err() != nil {
		return nil
	}
	if read.err != nil {
		m.log.append(line{"the log cannot be read: " + read.err.Error(), form.Error})
		return m.readLog(10 * readEvery)
	}
	if read.found.anew {
		m.log.clear()
		m.events.clear()
	}
	m.log.append(read.lines...)
	if m.watched != nil {
		m.takeRecords(read.records)
	}
	if read.found.more {
		return m.readLog(0)
	}
	return m.readLog(readEvery)
}

// takeRecords takes in the events that the log tells of.
func (m *Model) takeRecords(records []record) {
	var lines []line
	for i := range records {
		e := records[i].toEvent(m.machines)
		switch e.Kind {
		case event.StepStarted:
			m.recordBegun, m.steps.wait = e.Time, nil
		case event.StepFinished, event.StepUndone:
			e.Elapsed = e.Time.Sub(m.recordBegun).Seconds()
		case event.Waiting:
			if at := m.steps.current(); at != nil && !e.Time.Before(at.begun) {
				m.steps.wait = e.Wait
			}
		case event.Warning:
			m.warnings++
		case event.StepFailed:
			m.recordRemedy = e.Remedy
		case event.StepSkipped, event.MachineMoved, event.Checked, event.Notice, event.Reported:
		}
		if m.worthALine(e, true) {
			lines = append(lines, m.eventLine(e))
		}
	}
	m.events.append(lines...)
}

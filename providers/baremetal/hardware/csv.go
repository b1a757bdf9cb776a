package hardware

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// MaxFileSize is the largest hardware file that is read, in bytes: some
// hundred thousand servers.
const MaxFileSize = 16 << 20

// LoadCSV reads the hardware file at path. The error is Problems: everything
// that is wrong with the file.
func LoadCSV(path string, options ...Option) ([]Machine, error) {
	whole := func(message, remedy string) ([]Machine, error) {
		return nil, Problems{{File: path, Message: message, Remedy: remedy}}
	}
	file, err := os.Open(path)
	if err != nil {
		return whole("the file cannot be read: "+cause(err), "check the path and your permissions")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return whole("the file cannot be read: "+cause(err), "check that it is a file")
	}
	return ParseCSV(path, data, options...)
}

// cause is a file error without the path, which the problem names already.
func cause(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// ParseCSV is LoadCSV from memory; name stands for the file in problems.
func ParseCSV(name string, data []byte, options ...Option) ([]Machine, error) {
	r := &reader{file: name, format: netboot}
	for _, option := range options {
		option(r)
	}
	machines := r.read(data)
	if len(r.problems) > maxProblems {
		r.problems = append(r.problems[:maxProblems:maxProblems], Problem{File: name,
			Message: fmt.Sprintf("there are more than %d problems, and the others are not shown", maxProblems),
			Remedy:  "correct those above first"})
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return machines, nil
}

// reader reads one file.
type reader struct {
	file     string
	format   format
	problems Problems
	// columns are the indexes of the columns in a row.
	columns map[string]int
}

func (r *reader) add(p Problem) {
	if len(r.problems) > maxProblems {
		return // never shown
	}
	p.File = r.file
	if p.Row > 0 {
		p.Position = max(p.Position, 1)
	}
	r.problems = append(r.problems, p)
}

func (r *reader) read(data []byte) []Machine {
	const remedy = "check that this is the hardware file, a CSV"
	switch {
	case len(data) > MaxFileSize:
		r.add(Problem{Message: fmt.Sprintf("the file has more than %d bytes", MaxFileSize), Remedy: remedy})
		return nil
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		r.add(Problem{Message: "this is not a text file in UTF-8", Remedy: remedy})
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // which Excel writes
	rows := csv.NewReader(bytes.NewReader(data))
	// Rows of another length are problems with a row, not the end of reading.
	rows.FieldsPerRecord = -1

	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		r.add(Problem{Message: "the file is empty", Remedy: "write a first row with the names of the columns: " + strings.Join(r.format.required, ",")})
		return nil
	}
	if err != nil {
		r.syntax(err)
		return nil
	}
	if !r.header(header, rows.FieldPos) {
		return nil
	}
	checker := newChecker(r)
	var machines []Machine
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.syntax(err)
			var syntax *csv.ParseError
			if !errors.As(err, &syntax) {
				break
			}
			continue
		}
		line, _ := rows.FieldPos(0)
		if blank(record) {
			continue
		}
		// The values are not quoted: with a column too many or too few,
		// any of them may be a password.
		if len(record) != len(header) {
			r.add(Problem{Row: line, Message: fmt.Sprintf("the row has %d values, and the header %d", len(record), len(header)),
				Remedy: "add what is missing, or put values with a comma in quotes"})
			continue
		}
		machines = append(machines, checker.machine(line, record, rows.FieldPos))
	}
	if len(machines) == 0 && len(r.problems) == 0 {
		r.add(Problem{Message: "the file has no machines", Remedy: "write a row for each " + r.format.machine})
	}
	return machines
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(v string) bool { return strings.TrimSpace(v) != "" })
}

// syntax reports an error of the CSV itself; the library's message quotes no
// value.
func (r *reader) syntax(err error) {
	row, message := 0, err.Error()
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		row, message = parse.Line, parse.Err.Error()
	}
	r.add(Problem{Row: row, Message: "the row is not valid CSV: " + message, Remedy: "put values with a comma or a quote in quotes, and double the quotes in them"})
}

// header reads the names of the columns; false where rows cannot be read.
// position is csv.Reader's FieldPos.
func (r *reader) header(names []string, position func(field int) (line, column int)) bool {
	known := slices.Concat(r.format.required, r.format.optional)
	r.columns = map[string]int{}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := r.columns[name]
		_, at := position(i)
		switch {
		case !slices.Contains(known, name):
			r.add(Problem{Row: 1, Column: name, Position: at, Message: fmt.Sprintf("there is no column %s", quote(name)), Remedy: meant(name, known)})
		case twice:
			r.add(Problem{Row: 1, Column: name, Position: at, Message: "the column is there twice", Remedy: "keep one of them"})
		default:
			r.columns[name] = i
		}
	}
	complete := true
	for _, name := range r.format.required {
		if _, ok := r.columns[name]; !ok {
			complete = false
			r.add(Problem{Row: 1, Column: name, Message: "the column is missing", Remedy: "add it to the first row and a value to every other"})
		}
	}
	return complete
}

// meant is the remedy for the name of a column that does not exist.
func meant(name string, known []string) string {
	const close = 3
	best, distance := "", close
	for _, candidate := range known {
		if len(name) > 64 {
			break
		}
		if d := levenshtein.ComputeDistance(name, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "remove the column; known are " + strings.Join(known, ", ")
}

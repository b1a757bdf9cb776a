package hardware

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
func LoadCSV(path string) ([]Machine, error) {
	whole := func(message, remedy string) ([]Machine, error) {
		return nil, Problems{{File: path, Message: message, Remedy: remedy}}
	}
	file, err := os.Open(path)
	if err != nil {
		return whole("the file cannot be read: "+err.Error(), "check the path and your permissions")
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err != nil {
		return whole("the file cannot be read: "+err.Error(), "check that it is a file")
	}
	return ParseCSV(path, data)
}

// ParseCSV is LoadCSV from memory; name stands for the file in problems.
func ParseCSV(name string, data []byte) ([]Machine, error) {
	r := &reader{file: name}
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
	problems Problems
	// columns are the indexes of the columns in a row.
	columns map[string]int
}

func (r *reader) add(row int, machine, column, message, remedy string) {
	if len(r.problems) > maxProblems {
		return // never shown
	}
	r.problems = append(r.problems, Problem{File: r.file, Row: row, Machine: machine, Column: column, Message: message, Remedy: remedy})
}

func (r *reader) read(data []byte) []Machine {
	const remedy = "check that this is the hardware file, a CSV"
	switch {
	case len(data) > MaxFileSize:
		r.add(0, "", "", fmt.Sprintf("the file has more than %d bytes", MaxFileSize), remedy)
		return nil
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		r.add(0, "", "", "this is not a text file in UTF-8", remedy)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // which Excel writes
	rows := csv.NewReader(bytes.NewReader(data))
	// Rows of another length are problems with a row, not the end of reading.
	rows.FieldsPerRecord = -1

	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		r.add(0, "", "", "the file is empty", "write a first row with the names of the columns: "+strings.Join(requiredColumns, ","))
		return nil
	}
	if err != nil {
		r.syntax(err)
		return nil
	}
	if !r.header(header) {
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
			r.add(line, "", "", fmt.Sprintf("the row has %d values, and the header %d", len(record), len(header)), "add what is missing, or put values with a comma in quotes")
			continue
		}
		machines = append(machines, checker.machine(line, record))
	}
	if len(machines) == 0 && len(r.problems) == 0 {
		r.add(0, "", "", "the file has no machines", "write a row for each server")
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
	r.add(row, "", "", "the row is not valid CSV: "+message, "put values with a comma or a quote in quotes, and double the quotes in them")
}

// header reads the names of the columns; false where rows cannot be read.
func (r *reader) header(names []string) bool {
	known := slices.Concat(requiredColumns, optionalColumns)
	r.columns = map[string]int{}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := r.columns[name]
		switch {
		case !slices.Contains(known, name):
			r.add(1, "", name, fmt.Sprintf("there is no column %s", quote(name)), meant(name, known))
		case twice:
			r.add(1, "", name, "the column is there twice", "keep one of them")
		default:
			r.columns[name] = i
		}
	}
	complete := true
	for _, name := range requiredColumns {
		if _, ok := r.columns[name]; !ok {
			complete = false
			r.add(1, "", name, "the column is missing", "add it to the first row and a value to every other")
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

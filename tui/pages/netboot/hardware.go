package netboot

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
)

func (s *site) contents() hardwarefile.Contents {
	return s.file.Read(hardwarefile.Resolve(s.draft, s.path))
}

// hardware is the page that looks at a hardware file.
func (s *site) hardware() form.Page {
	return form.Page{
		ID: "netboot-hardware", Title: "Hardware",
		Intro: "The servers are in a hardware file, a CSV. It is no part of the configuration: here it is checked, and the next page counts its servers.",
		Fields: func() []form.Field {
			return []form.Field{
				{
					ID: "file", Kind: form.File, Title: "Hardware file", Placeholder: "hardware.csv",
					Help: "hostname, ip_address, netmask, gateway, nameservers, mac, disk, labels, and for power control bmc_ip, bmc_username, bmc_password. It may hold passwords: only you should be able to read it.",
					Get:  func() string { return s.path },
					Set: func(path string) error {
						s.path, s.row = strings.TrimSpace(path), ""
						return nil
					},
				},
				s.rows(),
			}
		},
		Notes: s.hardwareNotes,
	}
}

// rows is the field that lists what is in the file, its problems first. The
// file may change while the page is open.
func (s *site) rows() form.Field {
	path := hardwarefile.Resolve(s.draft, s.path)
	options := func() []form.Option { return inFile(s.file.Read(path)) }
	return form.Field{
		ID: "row", Kind: form.Choice, Title: "In the file", Placeholder: "open to see all",
		Help:       "Every server of the file, or everything that is wrong with it.",
		Hidden:     func() bool { return len(options()) == 0 },
		Get:        func() string { return s.row },
		Set:        func(row string) error { s.row = row; return nil },
		Options:    func(context.Context) ([]form.Option, error) { return options(), nil },
		OptionsFor: func() string { return fmt.Sprint(options()) },
	}
}

// inFile are a file's problems and servers.
func inFile(contents hardwarefile.Contents) []form.Option {
	var options []form.Option
	for i := range contents.Problems {
		options = append(options, form.Option{Value: fmt.Sprintf("problem %d", i), Label: "problem", Detail: hardwarefile.Problem(&contents.Problems[i])})
	}
	for _, m := range contents.Machines {
		options = append(options, form.Option{
			Value: m.Hostname, Label: m.Hostname + " " + m.Address.Addr().String(),
			Detail: strings.Join([]string{hardwarefile.FormatLabels(m.Labels), m.MAC.String(), m.Disk}, "; "),
		})
	}
	return options
}

func (s *site) hardwareNotes() []form.Note {
	contents := s.contents()
	for i := range contents.Problems {
		if s.row == fmt.Sprintf("problem %d", i) {
			return []form.Note{{Level: form.Error, Text: hardwarefile.Problem(&contents.Problems[i])}}
		}
	}
	return contents.Notes("server")
}

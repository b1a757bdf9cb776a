package ssh

import (
	"strings"

	"groundwork.dev/bootstrap/tui/form"
)

// nodeFiles is the page of what is copied to the hosts.
func (s *site) nodeFiles() form.Page {
	return form.Page{
		ID: "ssh-files", Title: "Node files",
		Intro: "The programs and container images that make a host a node. `bootstrap images export` fetches them once, where there is internet.",
		Fields: func() []form.Field {
			files := func() *string { return &s.spec().NodeFiles.Location }
			digest := s.text(form.Field{
				ID: "digest", Title: "Digest", Placeholder: "sha256:...",
				Help:   "The digest of the bundle's index, as `bootstrap images export` prints it. A bundle from a web server must have one.",
				Hidden: func() bool { return !strings.Contains(*files(), "://") && s.spec().NodeFiles.Digest == "" },
			}, func() *string { return &s.spec().NodeFiles.Digest }, "spec.nodeFiles.digest")
			return []form.Field{
				s.path(form.Field{
					ID: "location", Title: "Location", Placeholder: "/srv/bundle",
					Help: "A directory or a .tar file on this machine, or an https URL.",
				}, files, "spec.nodeFiles.location"),
				digest,
			}
		},
	}
}

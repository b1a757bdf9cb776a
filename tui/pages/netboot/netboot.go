// Package netboot is the questions about servers that are installed over the
// network by Tinkerbell: where from, which servers, and with which actions.
package netboot

import (
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/hardwarefile"
	"groundwork.dev/bootstrap/tui/ui"
)

// Pages are the questions, for a draft with a TinkerbellDatacenterConfig.
func Pages(d *draft.Draft, _ backend.Backend, _ *ui.Env) []form.Page {
	s := &site{draft: d, file: hardwarefile.New()}
	return []form.Page{s.provisioning(), s.hardware(), s.machines(), s.templates()}
}

// site is what the pages share.
type site struct {
	draft *draft.Draft
	file  *hardwarefile.Reader
	// path is the hardware file that is looked at: the configuration does not
	// name one. row is what is shown of it.
	path, row string
	// template is the name of the one that is shown.
	template string
}

func (s *site) spec() *v1alpha1.TinkerbellDatacenterConfigSpec {
	return &s.draft.Config.TinkerbellDatacenter.Spec
}

// text is a field for a text.
func (s *site) text(f form.Field, value func() *string, object, path string) form.Field {
	f.Get = func() string { return *value() }
	f.Set = func(text string) error {
		*value() = strings.TrimSpace(text)
		s.draft.Changed()
		return nil
	}
	f.Object, f.Path = object, path
	return f
}

// toggle is a field for yes and no.
func (s *site) toggle(f form.Field, value func() *bool, object, path string) form.Field {
	f.Kind = form.Toggle
	f.Get = func() string { return strconv.FormatBool(*value()) }
	f.Set = func(text string) error {
		*value() = text == "true"
		s.draft.Changed()
		return nil
	}
	f.Object, f.Path = object, path
	return f
}

// provisioning is the page of where servers are installed from.
func (s *site) provisioning() form.Page {
	return form.Page{
		ID: "netboot-provisioning", Title: "Provisioning",
		Intro: "Where the servers are installed from. Everything has to be reachable from the servers' network.",
		Notes: func() []form.Note {
			return []form.Note{{Level: form.Warning, Text: "Clusters on netboot hardware cannot be created yet. Their configuration can be made, checked and saved; servers that already run Linux can be used over SSH."}}
		},
		Fields: func() []form.Field {
			object, spec := s.draft.DatacenterObject(), s.spec
			return []form.Field{
				s.text(form.Field{
					ID: "tinkerbell-ip", Title: "Tinkerbell's address", Placeholder: "10.0.0.11",
					Help: "An unused IPv4 address of the servers' network, from which they get their addresses, settings and files.",
				}, func() *string { return &spec().TinkerbellIP }, object, "spec.tinkerbellIP"),
				s.text(form.Field{
					ID: "image", Title: "System image", Placeholder: "http://files.example.com/ubuntu-2204-kube-1-35.gz",
					Help: "The URL of the image that is written to every server. The Kubernetes version has to be in its name. Empty, each kind of machine has one of its own.",
				}, func() *string { return &spec().OSImageURL }, object, "spec.osImageURL"),
				s.text(form.Field{
					ID: "hook", Title: "Installer", Placeholder: "from the internet",
					Help: "The URL of the folder that holds HookOS, the small system that installs. Needed behind a proxy and without internet.",
				}, func() *string { return &spec().HookImagesURLPath }, object, "spec.hookImagesURLPath"),
				s.toggle(form.Field{
					ID: "iso", Title: "Boot from an ISO image", Advanced: true,
					Help: "Servers boot from virtual media, which their BMC gets, and not over the network.",
				}, func() *bool { return &spec().IsoBoot }, object, "spec.isoBoot"),
				s.text(form.Field{
					ID: "iso-url", Title: "ISO image", Advanced: true, Placeholder: "http://files.example.com/hook.iso",
					Help:   "The URL of the ISO image to boot.",
					Hidden: func() bool { return !spec().IsoBoot && spec().HookIsoURL == "" },
				}, func() *string { return &spec().HookIsoURL }, object, "spec.hookIsoURL"),
				s.text(form.Field{
					ID: "interface", Title: "Load balancer's interface", Advanced: true, Placeholder: "the one with the route",
					Help: "The network interface that announces Tinkerbell's address, such as eth1.",
				}, func() *string { return &spec().LoadBalancerInterface }, object, "spec.loadBalancerInterface"),
				s.toggle(form.Field{
					ID: "no-balancer", Title: "Own load balancer", Advanced: true,
					Help: "The site has a load balancer for Tinkerbell's address; kube-vip is left out for it.",
				}, func() *bool { return &spec().SkipLoadBalancerDeployment }, object, "spec.skipLoadBalancerDeployment"),
			}
		},
	}
}

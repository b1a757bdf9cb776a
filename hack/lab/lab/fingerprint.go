package lab

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Fingerprint is what of a running host, besides its files, tells whether it
// is as it was found. Each list is sorted.
type Fingerprint struct {
	// Interfaces with their addresses, and routes.
	Interfaces []string `json:"interfaces"`
	Routes     []string `json:"routes"`
	// Mounts are "mount point type source".
	Mounts []string `json:"mounts"`
	// Rules of iptables, ip6tables and, where the host has nft, nftables; the
	// sets of ipset where it has that.
	Rules []string `json:"rules"`
	// Units are systemd's that are active or failed.
	Units     []string `json:"units"`
	Processes []string `json:"processes"`
	// Listening are sockets: "protocol address".
	Listening []string `json:"listening"`
	// BPF are programs and maps that are pinned.
	BPF []string `json:"bpf"`
	// Settings are sysctls that nodes of a cluster change.
	Settings []string `json:"settings"`
}

// questions are what a host is asked, by the field that the answer goes to.
// What asking itself brings about is left out of the answers.
var questions = []struct {
	command string
	field   func(*Fingerprint) *[]string
}{
	{"ip -br address | awk '{$2=\"\"; print}'", func(f *Fingerprint) *[]string { return &f.Interfaces }},
	{"ip route show table all; ip rule", func(f *Fingerprint) *[]string { return &f.Routes }},
	{"awk '{print $2, $3, $1}' /proc/self/mounts", func(f *Fingerprint) *[]string { return &f.Mounts }},
	{"for t in iptables-save ip6tables-save; do $t 2>/dev/null | sed \"s/^/$t /\"; done; " +
		"nft list ruleset 2>/dev/null | sed 's/^/nft /'; ipset save 2>/dev/null | sed 's/^/ipset /'",
		func(f *Fingerprint) *[]string { return &f.Rules }},
	{"systemctl list-units --all --plain --no-legend --state=active,activating,failed | awk '{print $1, $3, $4}'",
		func(f *Fingerprint) *[]string { return &f.Units }},
	// Not kernel threads (they are the machine's) nor what belongs to logging in.
	{"for p in /proc/[0-9]*; do tr '\\0' ' ' 2>/dev/null < $p/cmdline; echo; done",
		func(f *Fingerprint) *[]string { return &f.Processes }},
	{"for n in tcp tcp6 udp udp6; do awk -v n=$n 'NR>1 && ($4==\"0A\" || n ~ /udp/) {print n, $2}' /proc/net/$n; done",
		func(f *Fingerprint) *[]string { return &f.Listening }},
	{"find /sys/fs/bpf -mindepth 1", func(f *Fingerprint) *[]string { return &f.BPF }},
	{"sysctl -a -r '^(net.ipv4.(ip_forward|conf.(all|default).)|net.ipv6.conf.(all|default).|net.bridge|vm|kernel.panic|kernel.keys|fs.(inotify|file-max|nr_open))' 2>/dev/null",
		func(f *Fingerprint) *[]string { return &f.Settings }},
}

// counted is what changes by itself within a line: packets that met a rule, the
// index of a cable's other end, and IPv6's link-local address, which comes a
// moment after its device.
var counted = regexp.MustCompile(` \[\d+:\d+\]|@if\d+| fe80::\S+`)

// passing are lines that come and go without anybody's doing: comments of
// rules, link-local routes, the session that asks, timers.
var passing = regexp.MustCompile(`^ip6?tables-save (#|COMMIT)|` +
	`^(local|anycast|multicast) (fe80|ff00)::|^fe80::|` +
	`sshd: |sshd: root|^/usr/lib/openssh/sftp-server|^(bash|sh) -c |^awk |^tr |^find |^sed |` +
	`^session-|^user@|^user-|^run-user|^systemd-tmpfiles-clean|` +
	`^\(sd-pam\)|^/lib/systemd/systemd --user|^net\.ipv4\.conf\.all\.mc_|^$`)

const separator = "----- next -----"

// Fingerprint asks a host how it is, over SSH.
func (l *Lab) Fingerprint(ctx context.Context, host string) (Fingerprint, error) {
	var f Fingerprint
	var script strings.Builder
	for _, q := range questions {
		fmt.Fprintf(&script, "%s\necho '%s'\n", q.command, separator)
	}
	out, err := l.Feed(ctx, host, "sh -s", strings.NewReader(script.String()))
	if err != nil {
		return f, err
	}
	if f, err = parseAnswers(out); err != nil {
		err = fmt.Errorf("fingerprint of %s: %w", host, err)
	}
	return f, err
}

func parseAnswers(out string) (Fingerprint, error) {
	var f Fingerprint
	answers := strings.Split(out, separator+"\n")
	if len(answers) != len(questions)+1 {
		return f, fmt.Errorf("%d answers to %d questions", len(answers)-1, len(questions))
	}
	for i, q := range questions {
		list := []string{}
		for line := range strings.Lines(answers[i]) {
			line = strings.Join(strings.Fields(line), " ")
			if !passing.MatchString(line) {
				list = append(list, counted.ReplaceAllString(line, ""))
			}
		}
		slices.Sort(list)
		*q.field(&f) = slices.Compact(list)
	}
	return f, nil
}

// Differences returns what now has that before had not, as "+ field: line",
// and what is gone, as "- field: line".
func (f Fingerprint) Differences(now Fingerprint) []string {
	differences := []string{}
	for _, field := range []struct {
		name        string
		before, now []string
	}{
		{"interface", f.Interfaces, now.Interfaces}, {"route", f.Routes, now.Routes}, {"mount", f.Mounts, now.Mounts},
		{"rule", f.Rules, now.Rules}, {"unit", f.Units, now.Units}, {"process", f.Processes, now.Processes},
		{"listening", f.Listening, now.Listening}, {"bpf", f.BPF, now.BPF}, {"setting", f.Settings, now.Settings},
	} {
		for _, line := range field.now {
			if _, ok := slices.BinarySearch(field.before, line); !ok {
				differences = append(differences, "+ "+field.name+": "+line)
			}
		}
		for _, line := range field.before {
			if _, ok := slices.BinarySearch(field.now, line); !ok {
				differences = append(differences, "- "+field.name+": "+line)
			}
		}
	}
	return differences
}

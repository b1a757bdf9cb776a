package vsphere

import (
	"errors"
	"regexp"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// transient are parts of errors that pass: the network, a vCenter that is
// starting, a session that has expired. An error with one of them is never
// certain, whatever else it says.
var transient = regexp.MustCompile(`(?i)connection refused|connection reset|broken pipe|timed? ?out|deadline exceeded|` +
	`no route to host|network is unreachable|no such host|temporary failure|server misbehaving|\bEOF\b|` +
	`\b(429|500|502|503|504)\b|service unavailable|bad gateway|NotAuthenticated|session is not authenticated|` +
	`general system error|another task is already in progress|context canceled`)

// A cause is an error that comes back at every attempt until a person has
// changed something. The patterns are those of CAPV 1.16
// (pkg/services/govmomi, pkg/session), govmomi's finder and vCenter's faults.
type cause struct {
	pattern *regexp.Regexp
	summary string
	remedy  string
}

var causes = []cause{
	{
		regexp.MustCompile(`(?i)incorrect user ?name or password|InvalidLogin|failed to login: ServerFaultCode|\b401\b`),
		"the vCenter refuses the user name or password",
		"correct EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD, and check that the account is not locked",
	},
	{
		regexp.MustCompile(`thumbprint does not match|x509: `),
		"the vCenter's certificate is not the expected one",
		"compare the certificate with the VSphereDatacenterConfig's thumbprint, and correct the thumbprint if the certificate was renewed",
	},
	{
		regexp.MustCompile(`(?i)insufficient disk space|NoDiskSpace|no space left|not enough (free )?(disk )?space`),
		"the datastore has no room for the machine's disks",
		"free space in the datastore, or name another in the VSphereMachineConfig's datastore",
	},
	{
		regexp.MustCompile(`unable to find template|resolves to multiple vms`),
		"the template that the machine is cloned from is not in the vCenter",
		"import it there, or correct the VSphereMachineConfig's template",
	},
	{
		regexp.MustCompile(`failed to find datacenter|no default datacenter`),
		"the datacenter is not in the vCenter",
		"correct the VSphereDatacenterConfig's datacenter",
	},
	{
		regexp.MustCompile(`folder '[^']*' not found|no default folder|resolves to multiple folders`),
		"the folder for the machine is not in the vCenter",
		"create it, or correct the VSphereMachineConfig's folder",
	},
	{
		regexp.MustCompile(`resource pool '[^']*' not found|no default resource pool|default resource pool resolves|resolves to multiple resource pools`),
		"the resource pool for the machine is not in the vCenter",
		"create it, or correct the VSphereMachineConfig's resourcePool",
	},
	{
		regexp.MustCompile(`unable to get (default )?datastore|datastore '[^']*' not found|no default datastore`),
		"the datastore for the machine is not in the vCenter",
		"correct the VSphereMachineConfig's datastore",
	},
	{
		regexp.MustCompile(`unable to find network|network '[^']*' not found`),
		"the network for the machine is not in the vCenter",
		"correct the VSphereDatacenterConfig's network or the VSphereMachineConfig's networks",
	},
	{
		regexp.MustCompile(`no pbm profile found|unable to get storageProfileID`),
		"the storage policy is not in the vCenter",
		"correct the VSphereMachineConfig's storagePolicyName",
	},
	{
		regexp.MustCompile(`no compatible datastores found for storage policy`),
		"the storage policy fits no datastore that the machine may use",
		"choose another datastore or storagePolicyName in the VSphereMachineConfig",
	},
	{
		regexp.MustCompile(`(?i)can't resize template disk down|initial capacity is larger`),
		"the machine's disk is smaller than its template's",
		"raise the VSphereMachineConfig's diskGiB to the template's size at least",
	},
	{
		regexp.MustCompile(`(?i)failed to attach tags`),
		"the vCenter does not take the machine's tags",
		"correct the VSphereMachineConfig's tags: each is the URN of a tag that is there",
	},
	{
		regexp.MustCompile(`(?i)permission to perform this operation was denied|NoPermission`),
		"the vCenter's user lacks a privilege",
		"give it the role that bootstrap vsphere role prints",
	},
}

// certainFailure is the failure that message means, or nil where it may pass
// or is not known.
func (p *Provider) certainFailure(object, message string) error {
	if message == "" || transient.MatchString(message) {
		return nil
	}
	for _, c := range causes {
		if c.pattern.MatchString(message) {
			return &failure.Error{
				Code:    failure.Infrastructure,
				Summary: c.summary,
				Object:  object,
				Remedy:  c.remedy,
				Err:     errors.New(p.withoutPassword(message)),
			}
		}
	}
	return nil
}

// withoutPassword makes sure of what CAPV promises: that its messages do not
// quote the credentials.
func (p *Provider) withoutPassword(message string) string {
	if p.options.Credentials.Password.Empty() {
		return message
	}
	return strings.ReplaceAll(message, p.options.Credentials.Password.Reveal(), "[redacted]")
}

package vcenter

import (
	"context"
	"time"

	"github.com/vmware/govmomi/object"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/verdict"
)

// The names of the checks.
const (
	CheckCredentials    = "vCenter credentials"
	CheckReachable      = "vCenter reachable"
	CheckCertificate    = "vCenter certificate"
	CheckLogin          = "vCenter login"
	CheckDatacenter     = "datacenter"
	CheckNetworks       = "networks"
	CheckDatastores     = "datastores"
	CheckFolders        = "folders"
	CheckPools          = "resource pools"
	CheckReferences     = "machine configurations"
	CheckFailureDomains = "failure domains"
	CheckPlacement      = "placement"
	CheckTemplates      = "templates"
	CheckTemplateTags   = "template tags"
	CheckCloneMode      = "clone mode and disk"
	CheckTags           = "tags"
	CheckPolicies       = "storage policies"
	CheckSpace          = "datastore space"
	CheckCapacity       = "CPU and memory"
	CheckClusterName    = "cluster name"
	CheckEndpoint       = "control-plane endpoint"
	CheckPrivileges     = "privileges"
)

// checkTimeout bounds one check. The slowest reads a few properties of every
// virtual machine; a vCenter that needs longer for that is not well.
const checkTimeout = time.Minute

// survey is what the checks of one preflight learn and share. A field is
// written by one check and read by checks that need it.
type survey struct {
	cfg  *v1alpha1.Config
	site Site
	plan plan
	// releases are the names of the EKS Distro releases by minor version.
	releases map[string]string
	// endpointPorts are where something at the endpoint's address might
	// answer.
	endpointPorts []string

	met        trust
	client     *Client
	networks   map[string]object.NetworkReference
	datastores map[string]*object.Datastore
	folders    map[string]*object.Folder
	newFolders map[string]bool // those that are missing
	pools      map[string]*object.ResourcePool
	templates  map[string]template
}

// Option adjusts Checks.
type Option func(*survey)

// WithRelease tells the name of the EKS Distro release, such as
// kubernetes-1-35-eks-7, whose components machines of the Kubernetes minor
// (1.35) will run, so that templates of another release are pointed out.
func WithRelease(minor, name string) Option {
	return func(s *survey) { s.releases[minor] = name }
}

// Checks are the preflight checks of a vSphere configuration against the
// vCenter of site. They share one session, which ends with the run of
// internal/preflight that makes them. They change nothing in the vCenter.
func Checks(cfg *v1alpha1.Config, site Site, options ...Option) []providers.Check {
	return newSurvey(cfg, site, options...).checks()
}

func newSurvey(cfg *v1alpha1.Config, site Site, options ...Option) *survey {
	s := &survey{cfg: cfg, site: site, plan: planOf(cfg), releases: map[string]string{}, endpointPorts: []string{"6443", "443", "22", "80"}}
	for _, o := range options {
		o(s)
	}
	return s
}

func (s *survey) checks() []providers.Check {
	return []providers.Check{
		check(CheckReferences, s.checkReferences),
		check(CheckCredentials, s.checkCredentials),
		check(CheckEndpoint, s.checkEndpoint),
		check(CheckReachable, s.checkReachable),
		check(CheckCertificate, s.checkCertificate, CheckReachable),
		check(CheckLogin, s.checkLogin, CheckCredentials, CheckCertificate),
		check(CheckDatacenter, s.checkDatacenter, CheckLogin),
		check(CheckTags, s.checkTags, CheckLogin),
		check(CheckPolicies, s.checkPolicies, CheckLogin),
		check(CheckNetworks, s.checkNetworks, CheckDatacenter),
		check(CheckDatastores, s.checkDatastores, CheckDatacenter),
		check(CheckFolders, s.checkFolders, CheckDatacenter),
		check(CheckPools, s.checkPools, CheckDatacenter),
		check(CheckTemplates, s.checkTemplates, CheckDatacenter),
		check(CheckClusterName, s.checkClusterName, CheckDatacenter),
		check(CheckFailureDomains, s.checkFailureDomains, CheckDatacenter, CheckPools),
		check(CheckPlacement, s.checkPlacement, CheckPools, CheckDatastores, CheckNetworks),
		check(CheckTemplateTags, s.checkTemplateTags, CheckTemplates),
		check(CheckCloneMode, s.checkCloneMode, CheckTemplates),
		check(CheckSpace, s.checkSpace, CheckDatastores),
		check(CheckCapacity, s.checkCapacity, CheckPools),
		check(CheckPrivileges, s.checkPrivileges, CheckNetworks, CheckDatastores, CheckFolders, CheckPools, CheckTemplates),
	}
}

// check makes a providers.Check of a method of the survey. v starts out as a
// pass; an error counts as the check's failure.
func check(name string, look func(ctx context.Context, v *verdict.Verdict) error, needs ...string) providers.Check {
	return providers.Check{Name: name, Needs: needs, Run: func(ctx context.Context) (event.Check, error) {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		var v verdict.Verdict
		err := look(ctx, &v)
		return v.Result(), err
	}}
}

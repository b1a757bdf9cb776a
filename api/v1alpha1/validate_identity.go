package v1alpha1

import (
	"fmt"
	"net/url"
	"regexp"
)

func (v *validator) identity() {
	refs := v.config.Cluster.Spec.IdentityProviderRefs
	seen, oidc := map[Ref]int{}, 0
	for i := range refs {
		path, ref := fmt.Sprintf("spec.identityProviderRefs[%d]", i), refs[i]
		v.ref(v.config.Cluster, path, &ref, []string{OIDCConfigKind, AWSIamConfigKind}, func(kind string) []string {
			if kind == OIDCConfigKind {
				return keys(v.config.OIDC)
			}
			return keys(v.config.AWSIam)
		})
		if first, twice := seen[ref]; twice {
			v.cluster(path, fmt.Sprintf("identityProviderRefs[%d] is the same reference", first), "keep one of them")
			continue
		}
		seen[ref] = i
		if ref.Kind == OIDCConfigKind {
			if oidc++; oidc > 1 {
				v.cluster(path, "the API server takes one OIDC issuer, and this is another", "keep one OIDCConfig")
			}
		}
	}
	for _, o := range byName(v.config.OIDC) {
		v.oidc(o)
	}
	for _, a := range byName(v.config.AWSIam) {
		v.awsIam(a)
	}
}

func (v *validator) oidc(o *OIDCConfig) {
	v.required(o, "spec.clientId", o.Spec.ClientId, "write the client ID that tokens are issued for")
	if v.required(o, "spec.issuerUrl", o.Spec.IssuerUrl, "write the issuer's https URL") {
		v.httpsURL(o, "spec.issuerUrl", o.Spec.IssuerUrl)
	}
	if n := len(o.Spec.RequiredClaims); n > 1 {
		v.add(o, "spec.requiredClaims", fmt.Sprintf("there are %d required claims, and one is supported", n), "keep one of them")
	}
	for i, claim := range o.Spec.RequiredClaims {
		path := fmt.Sprintf("spec.requiredClaims[%d]", i)
		v.required(o, path+".claim", claim.Claim, "write the claim's name")
		v.required(o, path+".value", claim.Value, "write the value that the claim must have")
	}
}

// The back ends of AWS IAM authenticator that EKS Anywhere takes.
var awsIamBackends = []string{"EKSConfigMap", "CRD"}

func (v *validator) awsIam(a *AWSIamConfig) {
	v.required(a, "spec.awsRegion", a.Spec.AWSRegion, "write the AWS region, such as us-west-2")
	if len(a.Spec.BackendMode) == 0 {
		v.add(a, "spec.backendMode", "the field is missing or empty", "write EKSConfigMap, CRD or both, as a list")
	}
	for i, mode := range a.Spec.BackendMode {
		v.oneOf(a, fmt.Sprintf("spec.backendMode[%d]", i), mode, awsIamBackends)
	}
	for i, role := range a.Spec.MapRoles {
		path := fmt.Sprintf("spec.mapRoles[%d]", i)
		v.required(a, path+".roleARN", role.RoleARN, "write the role's ARN")
		v.required(a, path+".username", role.Username, "write the user's name in the cluster")
	}
	for i, user := range a.Spec.MapUsers {
		path := fmt.Sprintf("spec.mapUsers[%d]", i)
		v.required(a, path+".userARN", user.UserARN, "write the user's ARN")
		v.required(a, path+".username", user.Username, "write the user's name in the cluster")
	}
}

// gitOps validates the reference to a FluxConfig and the FluxConfigs.
func (v *validator) gitOps() {
	if ref := v.config.Cluster.Spec.GitOpsRef; ref != nil {
		v.ref(v.config.Cluster, "spec.gitOpsRef", ref, []string{FluxConfigKind, GitOpsConfigKind}, func(string) []string { return keys(v.config.Flux) })
	}
	for _, f := range byName(v.config.Flux) {
		v.flux(f)
	}
}

// EKS Anywhere's rules for branches and repositories (gitopsconfig.go).
var (
	gitBranch     = regexp.MustCompile(`^([0-9A-Za-z_+,]+)\.?/?([0-9A-Za-z\-_+,]+)$`)
	gitRepository = regexp.MustCompile(`^[0-9A-Za-z-_.]+$`)
)

func (v *validator) flux(f *FluxConfig) {
	spec := &f.Spec
	if !gitBranch.MatchString(spec.Branch) {
		v.add(f, "spec.branch", fmt.Sprintf("%s is not the name of a branch", quote(spec.Branch)), "write one such as main")
	}
	switch {
	case spec.Git != nil && spec.Github != nil:
		v.add(f, "spec", "both git and github are given", "keep one of them")
	case spec.Git == nil && spec.Github == nil:
		v.add(f, "spec", "neither git nor github is given", "write one of them")
	}
	if g := spec.Github; g != nil {
		v.required(f, "spec.github.owner", g.Owner, "write the user or organization that owns the repository")
		if v.required(f, "spec.github.repository", g.Repository, "write the repository's name") && !gitRepository.MatchString(g.Repository) {
			v.add(f, "spec.github.repository", fmt.Sprintf("%s is not the name of a repository", quote(g.Repository)), "use letters, digits, dashes, dots and underscores")
		}
	}
	if g := spec.Git; g != nil {
		if v.required(f, "spec.git.repositoryUrl", g.RepositoryUrl, "write the repository's ssh URL") {
			if u, err := url.Parse(g.RepositoryUrl); err != nil || u.Scheme != "ssh" {
				v.add(f, "spec.git.repositoryUrl", "the repository is reached by ssh only, and this is not an ssh URL", "write one such as ssh://git@git.example.com/clusters.git")
			}
		}
		if g.SshKeyAlgorithm != "" {
			v.oneOf(f, "spec.git.sshKeyAlgorithm", g.SshKeyAlgorithm, []string{"rsa", "ecdsa", "ed25519"})
		}
	}
}

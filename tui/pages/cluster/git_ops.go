package cluster

import (
	"path"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// The places of a Git repository.
const (
	onGitHub    = "GitHub"
	onGitServer = "a Git server"
)

// gitOps asks for the Git repository that holds the configuration.
func (r *rare) gitOps() []form.Field {
	d := r.draft
	spec := &d.Config.Cluster.Spec
	a := ofCluster(d, "gitOpsRef")
	fields := []form.Field{a.ask("gitOps", "GitOps", "", "Yes keeps the configuration in a Git repository by Flux. It is not supported yet.", answer{kind: form.Toggle,
		get: func() string {
			if spec.GitOpsRef != nil {
				return "true"
			}
			return "false"
		},
		set: func(chosen string) error {
			switch yes := chosen == "true"; {
			case yes && spec.GitOpsRef == nil:
				flux := r.flux
				if flux == nil {
					flux = newFlux(d.Name())
				}
				d.Config.Flux = with(d.Config.Flux, flux.Name, flux)
				spec.GitOpsRef = &v1alpha1.Ref{Kind: v1alpha1.FluxConfigKind, Name: flux.Name}
			case !yes && spec.GitOpsRef != nil:
				r.flux = d.Config.Flux[spec.GitOpsRef.Name]
				delete(d.Config.Flux, spec.GitOpsRef.Name)
				spec.GitOpsRef = nil
			}
			return nil
		}})}
	if spec.GitOpsRef != nil {
		fields = append(fields, fluxFields(d, d.Config.Flux[spec.GitOpsRef.Name])...)
	}
	return advanced(fields...)
}

// newFlux has EKS Anywhere's defaults.
func newFlux(cluster string) *v1alpha1.FluxConfig {
	if cluster == "" {
		cluster = "cluster"
	}
	flux := &v1alpha1.FluxConfig{Spec: v1alpha1.FluxConfigSpec{SystemNamespace: "flux-system", Branch: "main",
		ClusterConfigPath: path.Join("clusters", cluster), Github: &v1alpha1.GithubProviderConfig{}}}
	flux.Name = cluster
	return flux
}

func fluxFields(d *draft.Draft, flux *v1alpha1.FluxConfig) []form.Field {
	if flux == nil {
		return nil
	}
	a, spec := of(d, draft.Object(v1alpha1.FluxConfigKind, flux.Name), ""), &flux.Spec
	fields := []form.Field{choose(a.ask("repositoryAt", "Repository is on", "", "Where the repository is.", answer{
		get: func() string {
			if spec.Git != nil {
				return onGitServer
			}
			return onGitHub
		},
		set: func(chosen string) error {
			if chosen == onGitServer {
				spec.Github = nil
				if spec.Git == nil {
					spec.Git = &v1alpha1.GitProviderConfig{}
				}
			} else {
				spec.Git = nil
				if spec.Github == nil {
					spec.Github = &v1alpha1.GithubProviderConfig{}
				}
			}
			return nil
		},
	}), form.Option{Value: onGitHub}, form.Option{Value: onGitServer, Detail: "reached by ssh"})}
	if github := spec.Github; github != nil {
		fields = append(fields,
			a.ask("owner", "Owner", "github.owner", "The user or organization that owns the repository.", text(&github.Owner)),
			a.ask("repository", "Repository", "github.repository", "The repository's name.", text(&github.Repository)),
			a.ask("personal", "Personal", "github.personal", "Yes, where the owner is a user.", toggle(&github.Personal)))
	}
	if git := spec.Git; git != nil {
		fields = append(fields,
			example(a.ask("repositoryURL", "Repository", "git.repositoryUrl", "Its ssh URL.", text(&git.RepositoryUrl)), "ssh://git@git.example.com/clusters.git"),
			choose(a.ask("keyAlgorithm", "Key algorithm", "git.sshKeyAlgorithm", "That of the key that Flux logs in with.", text(&git.SshKeyAlgorithm)),
				form.Option{Value: "", Label: "not said"}, form.Option{Value: "ecdsa"}, form.Option{Value: "ed25519"}, form.Option{Value: "rsa"}))
	}
	return append(fields,
		a.ask("branch", "Branch", "branch", "The branch to write to.", text(&spec.Branch)),
		a.ask("gitPath", "Path in it", "clusterConfigPath", "The folder of this cluster.", text(&spec.ClusterConfigPath)),
		a.ask("fluxNamespace", "Flux's namespace", "systemNamespace", "Where Flux runs.", text(&spec.SystemNamespace)))
}

package values

import (
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	mirror "groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/manifests/releases"
)

// pullPolicy lets nodes run without a registry once they have the images.
const pullPolicy = "IfNotPresent"

// images are the release's, from the registry that the nodes pull from.
func images(cfg *v1alpha1.Config, r releases.Release, own Values) Values {
	agent, operator := r.Cilium, r.CiliumOperator
	agent.Repository = mirror.Mirrored(cfg, agent.Repository)
	operator.Repository = mirror.Mirrored(cfg, operator.Repository)
	// A digest is of no use to an image of the user's own.
	if !pullsByDigest(cfg) || named(own, "image") {
		agent.Digest = ""
	}
	if !pullsByDigest(cfg) || named(own, "operator", "image") {
		operator.Digest = ""
	}
	return Values{
		"image": Values{
			"repository": agent.Repository, "tag": agent.Tag, "pullPolicy": pullPolicy,
			"digest": agent.Digest, "useDigest": agent.Digest != "",
		},
		"operator": Values{"image": operatorImage(operator)},
	}
}

// operatorImage is the operator's. To a repository the chart adds "-generic",
// which is part of the published names; another name goes in whole.
func operatorImage(i releases.Image) Values {
	repository, generic := strings.CutSuffix(i.Repository, "-generic")
	if !generic {
		reference := i.String()
		if i.Digest != "" {
			reference += "@" + i.Digest
		}
		return Values{"override": reference, "pullPolicy": pullPolicy}
	}
	return Values{
		"repository": repository, "tag": i.Tag, "pullPolicy": pullPolicy,
		"genericDigest": i.Digest, "useDigest": i.Digest != "",
	}
}

// pullsByDigest reports whether nodes can be told the digests too. Where the
// images are copied to the nodes, the container runtime knows them by tag
// only and would ask a registry for a digest; a mirror may hold copies of one
// platform, whose digests differ.
func pullsByDigest(cfg *v1alpha1.Config) bool {
	return cfg.SSHDatacenter == nil && cfg.Cluster.Spec.RegistryMirrorConfiguration == nil
}

// named reports whether values name an image, or a part of its name.
func named(own Values, path ...string) bool {
	image, _ := At(own, path...).(Values)
	return image["repository"] != nil || image["tag"] != nil || image["override"] != nil
}

// Agent returns the reference of the agent's image, without its digest.
func Agent(values Values) string {
	if override, _ := At(values, "image", "override").(string); override != "" {
		return override
	}
	repository, _ := At(values, "image", "repository").(string)
	tag, _ := At(values, "image", "tag").(string)
	return repository + ":" + tag
}

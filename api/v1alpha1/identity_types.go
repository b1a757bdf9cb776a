package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// OIDCConfig lets the API server accept an OIDC issuer's tokens.
type OIDCConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec OIDCConfigSpec `json:"spec,omitempty"`
}

// OIDCConfigSpec is the desired state of an OIDCConfig.
type OIDCConfigSpec struct {
	ClientId     string `json:"clientId,omitempty"`
	GroupsClaim  string `json:"groupsClaim,omitempty"`
	GroupsPrefix string `json:"groupsPrefix,omitempty"`
	// IssuerUrl is an https URL.
	IssuerUrl string `json:"issuerUrl,omitempty"`
	// RequiredClaims holds at most one claim.
	RequiredClaims []OIDCConfigRequiredClaim `json:"requiredClaims,omitempty"`
	UsernameClaim  string                    `json:"usernameClaim,omitempty"`
	UsernamePrefix string                    `json:"usernamePrefix,omitempty"`
}

// OIDCConfigRequiredClaim is a claim that every token must carry.
type OIDCConfigRequiredClaim struct {
	Claim string `json:"claim,omitempty"`
	Value string `json:"value,omitempty"`
}

// AWSIamConfig maps AWS IAM identities to Kubernetes users.
type AWSIamConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AWSIamConfigSpec `json:"spec,omitempty"`
}

// AWSIamConfigSpec is the desired state of an AWSIamConfig.
type AWSIamConfigSpec struct {
	AWSRegion string `json:"awsRegion"`
	// BackendMode holds EKSConfigMap, CRD or both.
	BackendMode []string   `json:"backendMode"`
	MapRoles    []MapRoles `json:"mapRoles,omitempty"`
	MapUsers    []MapUsers `json:"mapUsers,omitempty"`
	// Partition defaults to aws.
	Partition string `json:"partition,omitempty"`
}

// MapRoles maps an IAM role.
type MapRoles struct {
	RoleARN  string   `json:"roleARN"`
	Username string   `json:"username"`
	Groups   []string `json:"groups,omitempty"`
}

// MapUsers maps an IAM user.
type MapUsers struct {
	UserARN  string   `json:"userARN"`
	Username string   `json:"username"`
	Groups   []string `json:"groups,omitempty"`
}

// FluxConfig is the Git repository that holds the cluster's configuration.
type FluxConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FluxConfigSpec `json:"spec,omitempty"`
}

// FluxConfigSpec is the desired state of a FluxConfig: exactly one of Github
// and Git.
type FluxConfigSpec struct {
	// SystemNamespace defaults to flux-system.
	SystemNamespace   string `json:"systemNamespace,omitempty"`
	ClusterConfigPath string `json:"clusterConfigPath,omitempty"`
	// Branch defaults to main.
	Branch string                `json:"branch,omitempty"`
	Github *GithubProviderConfig `json:"github,omitempty"`
	Git    *GitProviderConfig    `json:"git,omitempty"`
}

// GithubProviderConfig is a repository on GitHub.
type GithubProviderConfig struct {
	Owner      string `json:"owner"`
	Repository string `json:"repository"`
	Personal   bool   `json:"personal,omitempty"`
}

// GitProviderConfig is a repository on any Git server.
type GitProviderConfig struct {
	// RepositoryUrl is an ssh:// URL.
	RepositoryUrl string `json:"repositoryUrl"`
	// SshKeyAlgorithm is rsa, ecdsa or ed25519.
	SshKeyAlgorithm string `json:"sshKeyAlgorithm,omitempty"`
}

package v1alpha1

// Config is one configuration file: a cluster and everything it refers to.
type Config struct {
	// Source is the file's name, as given to Load, Parse or Decode.
	Source string

	Cluster *Cluster

	VSphereDatacenter *VSphereDatacenterConfig
	// VSphereMachines and the other maps are keyed by metadata.name.
	VSphereMachines map[string]*VSphereMachineConfig

	TinkerbellDatacenter *TinkerbellDatacenterConfig
	TinkerbellMachines   map[string]*TinkerbellMachineConfig
	TinkerbellTemplates  map[string]*TinkerbellTemplateConfig

	OIDC   map[string]*OIDCConfig
	AWSIam map[string]*AWSIamConfig
	Flux   map[string]*FluxConfig

	// AddressPools are in the order of the file.
	AddressPools []*VSphereAddressPool
}

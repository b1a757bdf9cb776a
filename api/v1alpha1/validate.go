package v1alpha1

func (c *Config) Validate() Problems    { return nil }
func (c *Config) Unsupported() Problems { return nil }

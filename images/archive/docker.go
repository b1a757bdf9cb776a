package archive

import "fmt"

// dockerManifest is what docker save calls the list of an archive's images.
const dockerManifest = "manifest.json"

// docker adds the images that manifest.json names.
func (a *file) docker(found map[string]Image) error {
	var list []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := document(a.f, a.files, dockerManifest, &list); err != nil {
		return fmt.Errorf("%s: %w", dockerManifest, err)
	}
	for _, entry := range list {
		config, err := content(a.f, a.files, entry.Config)
		if err != nil {
			return err
		}
		ids, err := diffIDs(config)
		if err != nil {
			return err
		}
		if len(ids) != len(entry.Layers) {
			return fmt.Errorf("%v: %d layers, and a configuration with %d", entry.RepoTags, len(entry.Layers), len(ids))
		}
		image := Image{Config: config}
		for n, name := range entry.Layers {
			layer, err := a.layer(name, ids[n])
			if err != nil {
				return err
			}
			image.Layers = append(image.Layers, layer)
		}
		for _, tag := range entry.RepoTags {
			if name := normalized(tag); name != "" {
				found[name] = image
			}
		}
	}
	return nil
}

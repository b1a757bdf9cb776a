package main

import (
	"errors"
	"slices"
)

// trim leaves out what a CRD says to readers only, and the versions that
// nothing can ask for: those not served, and those named in drop.
func trim(crd object, drop []string) error {
	// There is no cert-manager that could follow it.
	if annotations, ok := child(crd, "metadata")["annotations"].(object); ok {
		delete(annotations, "cert-manager.io/inject-ca-from")
	}
	spec := child(crd, "spec")
	versions, _ := spec["versions"].([]any)
	var kept []any
	for _, v := range versions {
		version, _ := v.(object)
		name, _ := version["name"].(string)
		served, _ := version["served"].(bool)
		stored, _ := version["storage"].(bool)
		if (!served || slices.Contains(drop, name)) && !stored {
			continue
		}
		columns, _ := version["additionalPrinterColumns"].([]any)
		for _, c := range columns {
			if column, ok := c.(object); ok {
				delete(column, "description")
			}
		}
		trimSchema(child(child(version, "schema"), "openAPIV3Schema"))
		kept = append(kept, version)
	}
	if len(kept) == 0 {
		return errors.New("no version is left")
	}
	spec["versions"] = kept
	if len(kept) == 1 {
		delete(spec, "conversion")
	}
	return nil
}

// trimSchema walks a schema rather than any map: a property may well be
// called "description".
func trimSchema(schema object) {
	for _, key := range []string{"description", "title", "example", "externalDocs"} {
		delete(schema, key)
	}
	for _, key := range []string{"items", "additionalProperties", "not"} {
		if inner, ok := schema[key].(object); ok {
			trimSchema(inner)
		}
	}
	properties, _ := schema["properties"].(object)
	for _, p := range properties {
		if inner, ok := p.(object); ok {
			trimSchema(inner)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		alternatives, _ := schema[key].([]any)
		for _, a := range alternatives {
			if inner, ok := a.(object); ok {
				trimSchema(inner)
			}
		}
	}
}

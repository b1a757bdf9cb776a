package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// missing is the capability that a host lacks.
const missing = "CAP_SYS_RESOURCE"

// edit takes the capability out of the file. Another process never sees half
// of it.
func edit(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		// runc itself says best what is wrong with its arguments.
		return nil
	}
	if !bytes.Contains(data, []byte(missing)) {
		return nil
	}
	edited, err := without(data)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".config-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(edited); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Chmod(info.Mode()); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// without is an OCI configuration, or the process of one, without the
// capability in any of its sets. All else keeps its value.
func without(data []byte) ([]byte, error) {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	if process, ok := config["process"]; ok {
		edited, err := without(process)
		if err != nil {
			return nil, err
		}
		config["process"] = edited
	}
	if sets, ok := config["capabilities"]; ok {
		edited, err := withoutIn(sets)
		if err != nil {
			return nil, err
		}
		config["capabilities"] = edited
	}
	return json.Marshal(config)
}

func withoutIn(data []byte) ([]byte, error) {
	var sets map[string][]string
	if err := json.Unmarshal(data, &sets); err != nil {
		return nil, err
	}
	for name, set := range sets {
		sets[name] = slices.DeleteFunc(set, func(c string) bool { return c == missing })
	}
	return json.Marshal(sets)
}

package vcenter

import (
	"slices"
	"strings"
)

// rootPool is the name of every cluster's root resource pool.
const rootPool = "Resources"

// location is a path below one of a datacenter's four folders.
type location struct {
	dc   *Datacenter
	path string
}

// full is the inventory path, where folder is vm, host, datastore or network.
func (l location) full(folder string) string {
	return "/" + l.dc.Path + "/" + folder + "/" + l.path
}

// resolve finds the place that a path of the file means, as govmomi's finder
// does: a full path, a path relative to the datacenter's folder, or a bare
// name, which may lie anywhere below that folder. It gives up on what only
// matches existing objects.
func (p *planner) resolve(path, folder string) (location, bool) {
	if path == "" {
		return location{}, false
	}
	parts := strings.Split(strings.Trim(strings.TrimPrefix(path, "./"), "/"), "/")
	dc := p.home
	switch {
	case strings.HasPrefix(path, "/"):
		// The datacenter's own path may hold the folder's name: look behind it.
		skip := 1
		if strings.HasPrefix(path, "/"+p.home.Path+"/") {
			skip = strings.Count(p.home.Path, "/") + 1
		}
		at := slices.Index(parts[min(skip, len(parts)):], folder)
		if at < 0 {
			return location{}, false
		}
		at += skip
		dc, parts = p.datacenter(strings.Join(parts[:at], "/")), parts[at+1:]
	case folder == "vm" && len(parts) > 1 && parts[0] == folder:
		// Folders are relative to the datacenter, machines to its vm folder.
		parts = parts[1:]
	}
	rest := strings.Join(parts, "/")
	return location{dc, rest}, rest != "" && (folder == "host" || !isGlob(rest))
}

func (p *planner) datacenter(path string) *Datacenter {
	for _, dc := range p.plan.Datacenters {
		if dc.Path == path {
			return dc
		}
	}
	dc := &Datacenter{Path: path}
	p.plan.Datacenters = append(p.plan.Datacenters, dc)
	return dc
}

func (p *planner) folder(path string) {
	if !strings.HasPrefix(path, "/") && strings.Contains(path, "/") && !strings.HasPrefix(strings.TrimPrefix(path, "./"), "vm/") {
		return // relative to the datacenter, where only four folders are
	}
	if at, ok := p.resolve(path, "vm"); ok {
		at.dc.Folders = include(at.dc.Folders, at.path)
	}
}

func (p *planner) datastore(path string) {
	if at, ok := p.resolve(path, "datastore"); ok {
		at.dc.Datastores = include(at.dc.Datastores, at.path)
	}
}

func (p *planner) network(path string) {
	if at, ok := p.resolve(path, "network"); ok {
		at.dc.Networks = include(at.dc.Networks, at.path)
	}
}

func (p *planner) cluster(path string) *Cluster {
	at, ok := p.resolve(path, "host")
	if !ok || isGlob(at.path) {
		return nil
	}
	return at.dc.cluster(at.path)
}

func (d *Datacenter) cluster(path string) *Cluster {
	for _, c := range d.Clusters {
		if c.Path == path {
			return c
		}
	}
	c := &Cluster{Path: path}
	d.Clusters = append(d.Clusters, c)
	return c
}

func (p *planner) pool(path string) {
	at, ok := p.resolve(path, "host")
	if !ok {
		return
	}
	name, pool := p.splitPool(at)
	if name == "" {
		return
	}
	cluster := at.dc.cluster(name)
	if pool != "" && !isGlob(pool) {
		cluster.Pools = include(cluster.Pools, pool)
	}
}

// splitPool takes a resource pool's path apart: its cluster and its path below
// the root pool. The cluster is empty where nothing can be found by the path.
func (p *planner) splitPool(at location) (cluster, pool string) {
	parts := strings.Split(at.path, "/")
	root := slices.Index(parts, rootPool)
	switch {
	case root > 0:
		cluster, pool = strings.Join(parts[:root], "/"), strings.Join(parts[root+1:], "/")
	case root == 0 && len(parts) == 1: // the one root pool there is
		cluster = "*"
	case len(parts) == 1: // a bare name, anywhere
		cluster, pool = "*", parts[0]
	default:
		return "", ""
	}
	if isGlob(cluster) {
		cluster = defaultCluster
		if len(at.dc.Clusters) > 0 {
			cluster = at.dc.Clusters[0].Path
		}
	}
	return cluster, pool
}

func isGlob(path string) bool { return strings.ContainsAny(path, "*?[") }

// include appends v unless list has it.
func include(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// cutLast splits a path into its folder and last element.
func cutLast(path string) (folder, name string, nested bool) {
	at := strings.LastIndex(path, "/")
	if at < 0 {
		return "", path, false
	}
	return path[:at], path[at+1:], true
}

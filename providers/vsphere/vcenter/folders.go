package vcenter

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// folderPath is the inventory path of a configuration's folder: below the
// datacenter's VM folder, as EKS Anywhere has it.
func (c *Client) folderPath(name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join(c.datacenter.InventoryPath, "vm", name)
}

// isMachineFolder reports whether full is, or would be, a folder for virtual
// machines of the datacenter.
func (c *Client) isMachineFolder(full string) bool {
	return strings.HasPrefix(full+"/", path.Join(c.datacenter.InventoryPath, "vm")+"/")
}

// folderAt is the folder at an inventory path, or nil.
func (c *Client) folderAt(ctx context.Context, full string) (*object.Folder, error) {
	found, err := object.NewSearchIndex(c.vim).FindByInventoryPath(ctx, full)
	if err != nil {
		return nil, fmt.Errorf("looking for the folder %s: %w", full, err)
	}
	folder, ok := found.(*object.Folder)
	if !ok {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	folder.InventoryPath = full
	return folder, nil
}

// nearestFolder is the lowest folder on the way to full that is there, and
// the names below it that are missing.
func (c *Client) nearestFolder(ctx context.Context, full string) (*object.Folder, []string, error) {
	var missing []string
	for at := full; c.isMachineFolder(at); at = path.Dir(at) {
		folder, err := c.folderAt(ctx, at)
		if err != nil || folder != nil {
			slices.Reverse(missing)
			return folder, missing, err
		}
		missing = append(missing, path.Base(at))
	}
	return nil, nil, fmt.Errorf("the VM folder of %s is not there, or the user may not see it", c.datacenter.InventoryPath)
}

// makeFolder makes what is missing of the folder at full, and says whether
// anything was.
func (c *Client) makeFolder(ctx context.Context, full string) (bool, error) {
	folder, missing, err := c.nearestFolder(ctx, full)
	if err != nil {
		return false, err
	}
	at := folder.InventoryPath
	for _, name := range missing {
		at = path.Join(at, name)
		made, err := folder.CreateFolder(ctx, name)
		if fault.Is(err, &types.DuplicateName{}) { // another was quicker
			made, err = c.folderAt(ctx, at)
		}
		if err != nil {
			return false, fmt.Errorf("making the folder %s: %w", at, err)
		}
		folder = made
	}
	return len(missing) > 0, nil
}

package vcenter

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// pools finds resource pools as the finder does and, where that finds none,
// as EKS Anywhere does: by the end of their path, with a leading */ for any
// beginning.
func (c *Client) pools(ctx context.Context, name string) ([]*object.ResourcePool, error) {
	found, err := c.finder.ResourcePoolList(ctx, name)
	if !isMissing(err) {
		return found, err //nolint:wrapcheck // lookUp and paths do
	}
	return endingIn(ctx, c, "ResourcePool", strings.TrimPrefix(name, "*/"), err, func(ref types.ManagedObjectReference, path string) *object.ResourcePool {
		p := object.NewResourcePool(c.vim, ref)
		p.InventoryPath = path
		return p
	})
}

// machines finds virtual machines, templates included, as pools does.
func (c *Client) machines(ctx context.Context, name string) ([]*object.VirtualMachine, error) {
	found, err := c.finder.VirtualMachineList(ctx, name)
	if !isMissing(err) {
		return found, err //nolint:wrapcheck // lookUp and paths do
	}
	return endingIn(ctx, c, "VirtualMachine", name, err, func(ref types.ManagedObjectReference, path string) *object.VirtualMachine {
		m := object.NewVirtualMachine(c.vim, ref)
		m.InventoryPath = path
		return m
	})
}

func isMissing(err error) bool {
	var missing *find.NotFoundError
	return errors.As(err, &missing)
}

// endingIn finds the objects of a kind in the datacenter whose inventory path
// ends in the elements of end. It returns missing where there are none.
func endingIn[T any](ctx context.Context, c *Client, kind, end string, missing error, of func(types.ManagedObjectReference, string) T) ([]T, error) {
	names, err := c.names(ctx, kind)
	if err != nil {
		return nil, err
	}
	var found []T
	for ref, name := range names {
		if name != path.Base(end) {
			continue
		}
		full, err := find.InventoryPath(ctx, c.vim, ref)
		if err != nil {
			return nil, fmt.Errorf("reading the place of %s: %w", name, err)
		}
		if strings.HasSuffix(full, "/"+strings.TrimPrefix(end, "/")) {
			found = append(found, of(ref, full))
		}
	}
	if len(found) == 0 {
		return nil, missing
	}
	return found, nil
}

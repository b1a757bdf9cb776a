package vsphere

import (
	"context"
	"encoding/json"
	"fmt"

	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// Prepare implements providers.Preparer: it makes missing folders and tags of
// failure domains, and settles names, clone modes and disks as EKS Anywhere
// does.
func (p *Provider) Prepare(ctx context.Context, record []byte) (providers.Prepared, error) {
	var earlier vcenter.Settlement
	if len(record) > 0 {
		if err := json.Unmarshal(record, &earlier); err != nil {
			return providers.Prepared{}, fmt.Errorf("reading what was settled with the vCenter %s: %w", p.site.Server, err)
		}
	}
	settled, made, err := vcenter.Prepare(ctx, p.options.Config, p.vCenter(), earlier)
	if err != nil {
		return providers.Prepared{Made: made}, err
	}
	p.settled = settled
	record, err = json.MarshalIndent(settled, "", "  ")
	if err != nil {
		return providers.Prepared{}, fmt.Errorf("keeping what was settled with the vCenter %s: %w", p.site.Server, err)
	}
	return providers.Prepared{Record: record, Made: made}, nil
}

package vsphere

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/form"
)

// list picks one of an inventory's lists.
type list func(backend.Inventory) []backend.Item

// The lists that fields choose from.
var (
	datacenters     list = func(i backend.Inventory) []backend.Item { return i.Datacenters }
	computeClusters list = func(i backend.Inventory) []backend.Item { return i.ComputeClusters }
	resourcePools   list = func(i backend.Inventory) []backend.Item { return i.ResourcePools }
	datastores      list = func(i backend.Inventory) []backend.Item { return i.Datastores }
	folders         list = func(i backend.Inventory) []backend.Item { return i.Folders }
	networks        list = func(i backend.Inventory) []backend.Item { return i.Networks }
	templates       list = func(i backend.Inventory) []backend.Item { return i.Templates }
	policies        list = func(i backend.Inventory) []backend.Item { return i.StoragePolicies }
	tags            list = func(i backend.Inventory) []backend.Item { return i.Tags }
)

// inventory asks the vCenter, or knows already.
func (s *site) inventory(ctx context.Context, q query) (backend.Inventory, error) {
	if q.server == "" {
		return backend.Inventory{}, &failure.Error{Code: failure.Usage, Summary: "nothing says which vCenter to ask",
			Remedy: "go back to the vCenter's page and give its address, or type the name here"}
	}
	b := s.backend
	return s.inventories.get(ctx, q, func(ctx context.Context) (backend.Inventory, error) {
		return b.Inventory(ctx, q.server, q.thumbprint, q.insecure, q.datacenter)
	})
}

// from makes a field choose from one of the inventory's lists; what is not in
// it can be typed.
func (s *site) from(f form.Field, from list) form.Field {
	return s.choose(f, s.query(), from, func(i backend.Item) form.Option { return form.Option{Value: i.Path, Detail: i.Detail} })
}

// choose makes a field choose from a list of the query's inventory. What
// cannot be used comes last and says why.
func (s *site) choose(f form.Field, q query, from list, option func(backend.Item) form.Option) form.Field {
	if f.Kind != form.Choices {
		f.Kind = form.Choice
	}
	f.FreeText = true
	f.OptionsFor = q.String
	f.Options = func(ctx context.Context) ([]form.Option, error) {
		found, err := s.inventory(ctx, q)
		if err != nil {
			return nil, err
		}
		var fit, unfit []form.Option
		for _, i := range from(found) {
			o := option(i)
			if i.Unfit == "" {
				fit = append(fit, o)
				continue
			}
			o.Detail = "not usable: " + i.Unfit
			unfit = append(unfit, o)
		}
		return append(fit, unfit...), nil
	}
	return f
}

// item is what the inventory, as far as it is known, says of a path.
func (s *site) item(from list, path string) (backend.Item, bool) {
	if path == "" {
		return backend.Item{}, false
	}
	found, known := s.inventories.peek(s.query())
	if !known {
		return backend.Item{}, false
	}
	i := slices.IndexFunc(from(found), func(i backend.Item) bool { return i.Path == path })
	if i < 0 {
		return backend.Item{}, false
	}
	return from(found)[i], true
}

// unfit warns of a choice that cannot be used.
func (s *site) unfit(what string, from list, path string) []form.Note {
	i, known := s.item(from, path)
	if !known || i.Unfit == "" {
		return nil
	}
	return []form.Note{{Level: form.Warning, Text: fmt.Sprintf("The %s %s is not usable: %s.", what, path, i.Unfit)}}
}

// lines are the items of an answer that has one on each line.
func lines(text string) []string {
	var items []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(items, line) {
			items = append(items, line)
		}
	}
	return items
}

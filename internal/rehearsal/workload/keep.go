package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// objectKind is the kind of the objects' records in the store.
const objectKind = "object"

// recorder writes every object down as it changes. The in-memory runtime
// calls it before it answers the request that made the change.
type recorder struct{ cluster *Cluster }

// OnCreate implements the runtime's InformEventHandler.
func (r *recorder) OnCreate(_ string, obj client.Object) { r.put(obj) }

// OnUpdate implements the runtime's InformEventHandler.
func (r *recorder) OnUpdate(_ string, _, obj client.Object) { r.put(obj) }

// OnGeneric implements the runtime's InformEventHandler.
func (r *recorder) OnGeneric(string, client.Object) {}

// OnDelete implements the runtime's InformEventHandler.
func (r *recorder) OnDelete(_ string, obj client.Object) {
	if err := r.cluster.store.Delete(objectKind, recordName(obj)); err != nil {
		r.cluster.log.Error("an object of the simulated cluster is not recorded", "error", err)
	}
	r.notify(obj)
}

func (r *recorder) put(obj client.Object) {
	if err := r.cluster.store.Put(objectKind, recordName(obj), obj); err != nil {
		r.cluster.log.Error("an object of the simulated cluster is not recorded", "error", err)
	}
	r.notify(obj)
}

// notify wakes machines that wait for a bootstrap token.
func (r *recorder) notify(obj client.Object) {
	if obj.GetObjectKind().GroupVersionKind().Kind == "Secret" {
		r.cluster.notify()
	}
}

func recordName(obj client.Object) string {
	kind := obj.GetObjectKind().GroupVersionKind()
	return strings.Join([]string{kind.GroupVersion().String(), kind.Kind, obj.GetNamespace(), obj.GetName()}, " ")
}

// record starts to write down every change.
func (c *Cluster) record(ctx context.Context) error {
	scheme := c.runtime.GetScheme()
	for kind := range scheme.AllKnownTypes() {
		obj, err := scheme.New(kind)
		if err != nil {
			return err
		}
		if _, ok := obj.(client.Object); !ok {
			continue
		}
		informer, err := c.runtime.GetCache().GetInformerForKind(ctx, kind)
		if err != nil {
			return err
		}
		if err := informer.AddEventHandler(&recorder{c}); err != nil {
			return err
		}
	}
	return nil
}

// restore makes the objects in the store. One that is owned by another has to
// come after it.
func (c *Cluster) restore(ctx context.Context) error {
	pending := map[string]client.Object{}
	err := c.store.Each(objectKind, func(name string, value json.RawMessage) error {
		var head struct{ APIVersion, Kind string }
		if err := json.Unmarshal(value, &head); err != nil {
			return err
		}
		kind := schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)
		obj, err := c.runtime.GetScheme().New(kind)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(value, obj); err != nil {
			return err
		}
		pending[name] = obj.(client.Object)
		return nil
	})
	if err != nil {
		return err
	}
	for len(pending) > 0 {
		var problems []error
		before := len(pending)
		for name, obj := range pending {
			if err := c.client.Create(ctx, obj); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
				continue
			}
			delete(pending, name)
		}
		if len(pending) == before {
			return errors.Join(problems...)
		}
	}
	return nil
}

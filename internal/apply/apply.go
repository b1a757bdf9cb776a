// Package apply brings Cluster API objects into the bootstrap cluster.
package apply

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/failure"
)

// fieldOwner names our fields to server-side apply.
const fieldOwner = client.FieldOwner("groundwork")

// Objects applies objects in their order by server-side apply: made where
// missing, brought up to date where there, so that it can be run again at any
// time. It returns what it applied, as "Kind name", and a *failure.Error for
// the first object that is not accepted.
func Objects(ctx context.Context, c client.Client, objects []client.Object) ([]string, error) {
	var applied []string
	for _, o := range objects {
		what := o.GetObjectKind().GroupVersionKind().Kind + " " + o.GetName()
		if err := object(ctx, c, o); err != nil {
			return applied, explain(ctx, what, err)
		}
		applied = append(applied, what)
	}
	return applied, nil
}

func object(ctx context.Context, c client.Client, o client.Object) error {
	fields, err := Fields(o)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{Object: fields}
	return c.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), fieldOwner, client.ForceOwnership)
}

// Fields are what o asks for: all of it but its status.
func Fields(o client.Object) (map[string]any, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil, fmt.Errorf("encode %s %s: %w", o.GetObjectKind().GroupVersionKind().Kind, o.GetName(), err)
	}
	delete(fields, "status")
	return fields, nil
}

func explain(ctx context.Context, what string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case apierrors.IsInvalid(err), apierrors.IsForbidden(err):
		return &failure.Error{
			Code: failure.Configuration, Summary: "Cluster API does not accept the object", Object: what, Err: err,
			Remedy: "correct the configuration that it comes from; `bootstrap generate manifests` shows the object",
		}
	}
	return &failure.Error{
		Code: failure.Other, Summary: "the object could not be applied", Object: what, Err: err,
		Remedy: "run the same command again; `bootstrap logs` shows what the bootstrap cluster did",
	}
}

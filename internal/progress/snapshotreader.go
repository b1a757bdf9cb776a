package progress

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// snapshotReader answers from one listing of each kind in one namespace, made
// when the kind is first asked for: to look at 500 machines then costs as
// many requests as to look at one. It lives for one poll. Its objects share
// their insides with the listing, so its callers must not change them.
type snapshotReader struct {
	api       API
	namespace string
	listings  map[listingKey]*listing
}

// listingKey tells a kind's typed objects from its untyped ones.
type listingKey struct {
	kind schema.GroupVersionKind
	as   reflect.Type
}

type listing struct {
	objects []client.Object
	byName  map[string]client.Object
}

func newSnapshotReader(api API, namespace string) *snapshotReader {
	return &snapshotReader{api: api, namespace: namespace, listings: map[listingKey]*listing{}}
}

// Get implements client.Reader.
func (s *snapshotReader) Get(ctx context.Context, key client.ObjectKey, out client.Object, opts ...client.GetOption) error {
	if key.Namespace != s.namespace {
		return s.api.Get(ctx, key, out, opts...)
	}
	kind, err := apiutil.GVKForObject(out, s.api.Scheme())
	if err != nil {
		return err
	}
	listed, err := s.listing(ctx, kind, out)
	if err != nil {
		return err
	}
	found, ok := listed.byName[key.Name]
	if !ok {
		return apierrors.NewNotFound(schema.GroupResource{Group: kind.Group, Resource: strings.ToLower(kind.Kind)}, key.Name)
	}
	reflect.ValueOf(out).Elem().Set(reflect.ValueOf(found).Elem())
	return nil
}

// List implements client.Reader. What cannot be answered from the listing,
// such as a field selector, goes to the API.
func (s *snapshotReader) List(ctx context.Context, out client.ObjectList, opts ...client.ListOption) error {
	options := client.ListOptions{}
	options.ApplyOptions(opts)
	if options.Namespace != s.namespace || options.FieldSelector != nil || options.Limit != 0 || options.Raw != nil {
		return s.api.List(ctx, out, opts...)
	}
	kind, err := apiutil.GVKForObject(out, s.api.Scheme())
	if err != nil {
		return err
	}
	kind.Kind = strings.TrimSuffix(kind.Kind, "List")
	item, err := s.itemOf(kind, out)
	if err != nil {
		return err
	}
	listed, err := s.listing(ctx, kind, item)
	if err != nil {
		return err
	}
	var chosen []runtime.Object
	for _, o := range listed.objects {
		if options.LabelSelector == nil || options.LabelSelector.Matches(labels.Set(o.GetLabels())) {
			chosen = append(chosen, o)
		}
	}
	return meta.SetList(out, chosen)
}

// listing lists a kind, the first time from the API.
func (s *snapshotReader) listing(ctx context.Context, kind schema.GroupVersionKind, like client.Object) (*listing, error) {
	key := listingKey{kind, reflect.TypeOf(like)}
	if known, ok := s.listings[key]; ok {
		return known, nil
	}
	list, err := s.listOf(kind, like)
	if err != nil {
		return nil, err
	}
	if err := s.api.List(ctx, list, client.InNamespace(s.namespace)); err != nil {
		return nil, fmt.Errorf("list every %s in %s: %w", kind.Kind, s.namespace, err)
	}
	made := &listing{byName: map[string]client.Object{}}
	err = meta.EachListItem(list, func(o runtime.Object) error {
		object, ok := o.(client.Object)
		if !ok {
			return fmt.Errorf("a %T is no API object", o)
		}
		made.objects = append(made.objects, object)
		made.byName[object.GetName()] = object
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.listings[key] = made
	return made, nil
}

// listOf is an empty list of the kind, typed like the object.
func (s *snapshotReader) listOf(kind schema.GroupVersionKind, like client.Object) (client.ObjectList, error) {
	kind.Kind += "List"
	switch like.(type) {
	case *unstructured.Unstructured:
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		return list, nil
	case *metav1.PartialObjectMetadata:
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		return list, nil
	}
	made, err := s.api.Scheme().New(kind)
	if err != nil {
		return nil, err
	}
	list, ok := made.(client.ObjectList)
	if !ok {
		return nil, fmt.Errorf("%s is no list", kind)
	}
	return list, nil
}

// itemOf is an empty object of the kind, typed like the list's items.
func (s *snapshotReader) itemOf(kind schema.GroupVersionKind, list client.ObjectList) (client.Object, error) {
	switch list.(type) {
	case *unstructured.UnstructuredList:
		return &unstructured.Unstructured{}, nil
	case *metav1.PartialObjectMetadataList:
		return &metav1.PartialObjectMetadata{}, nil
	}
	made, err := s.api.Scheme().New(kind)
	if err != nil {
		return nil, err
	}
	item, ok := made.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no API object", kind)
	}
	return item, nil
}

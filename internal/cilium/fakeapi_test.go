package cilium

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes/scheme"
)

// fakeAPI is an API server that stores what it is given: enough for Helm.
type fakeAPI struct {
	mu      sync.Mutex
	objects map[string]*unstructured.Unstructured // by path
	writes  []string                              // "PUT /path" and the like
	fail    func(r *http.Request) int             // a status to answer with, or 0
	// stored is told what is stored, and may add a status.
	stored func(path string, u *unstructured.Unstructured)
	server *httptest.Server
}

// served are the kinds that it knows.
var served = map[schema.GroupVersion][]metav1.APIResource{
	{Version: "v1"}: {
		{Name: "configmaps", Kind: "ConfigMap", Namespaced: true}, {Name: "secrets", Kind: "Secret", Namespaced: true},
		{Name: "services", Kind: "Service", Namespaced: true}, {Name: "serviceaccounts", Kind: "ServiceAccount", Namespaced: true},
		{Name: "namespaces", Kind: "Namespace"}, {Name: "nodes", Kind: "Node"}, {Name: "pods", Kind: "Pod", Namespaced: true},
	},
	{Group: "apps", Version: "v1"}: {
		{Name: "daemonsets", Kind: "DaemonSet", Namespaced: true}, {Name: "deployments", Kind: "Deployment", Namespaced: true},
	},
	{Group: "rbac.authorization.k8s.io", Version: "v1"}: {
		{Name: "clusterroles", Kind: "ClusterRole"}, {Name: "clusterrolebindings", Kind: "ClusterRoleBinding"},
		{Name: "roles", Kind: "Role", Namespaced: true}, {Name: "rolebindings", Kind: "RoleBinding", Namespaced: true},
	},
	{Group: "networking.k8s.io", Version: "v1"}: {{Name: "networkpolicies", Kind: "NetworkPolicy", Namespaced: true}},
}

func newFakeAPI(t *testing.T) *fakeAPI {
	t.Helper()
	a := &fakeAPI{objects: map[string]*unstructured.Unstructured{}}
	a.server = httptest.NewServer(a)
	t.Cleanup(a.server.Close)
	return a
}

// kubeconfig is the way to it.
func (a *fakeAPI) kubeconfig() []byte {
	return fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Config","current-context":"a","contexts":[{"name":"a","context":{"cluster":"a"}}],"clusters":[{"name":"a","cluster":{"server":%q}}]}`, a.server.URL)
}

// put stores an object as another client would.
func (a *fakeAPI) put(path string, object map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[path] = &unstructured.Unstructured{Object: object}
}

func (a *fakeAPI) get(path string) *unstructured.Unstructured {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.objects[path]
}

// written are the writes since the last call, but those of releases.
func (a *fakeAPI) written() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := slices.DeleteFunc(a.writes, func(s string) bool { return strings.Contains(s, "/secrets") })
	a.writes = nil
	return w
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		if code := a.fail(r); code != 0 {
			answer(w, code, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: int32(code), Reason: metav1.StatusReason(http.StatusText(code))})
			return
		}
	}
	if a.discover(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	path := r.URL.Path
	if r.Method == http.MethodPost {
		u, err := decode(body)
		if err != nil {
			answer(w, http.StatusBadRequest, err.Error())
			return
		}
		path += "/" + u.GetName()
		if a.objects[path] != nil {
			answer(w, http.StatusConflict, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: 409, Reason: metav1.StatusReasonAlreadyExists})
			return
		}
		a.store(w, r, path, u)
		return
	}
	there := a.objects[path]
	switch {
	case there == nil && r.Method == http.MethodGet && listOf(path) != nil:
		a.list(w, r, listOf(path))
	case there == nil:
		answer(w, http.StatusNotFound, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Code: 404, Reason: metav1.StatusReasonNotFound})
	case r.Method == http.MethodGet:
		answer(w, http.StatusOK, there)
	case r.Method == http.MethodDelete:
		a.writes = append(a.writes, r.Method+" "+path)
		delete(a.objects, path)
		answer(w, http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Success"})
	case r.Method == http.MethodPut:
		u, err := decode(body)
		if err != nil {
			answer(w, http.StatusBadRequest, err.Error())
			return
		}
		a.store(w, r, path, u)
	case r.Method == http.MethodPatch:
		a.patch(w, r, path, there, body)
	}
}

// patch takes every patch for a merge patch, which is near enough.
func (a *fakeAPI) patch(w http.ResponseWriter, r *http.Request, path string, there *unstructured.Unstructured, body []byte) {
	before, err := json.Marshal(there)
	if err != nil {
		answer(w, http.StatusInternalServerError, err.Error())
		return
	}
	after, err := jsonpatch.MergePatch(before, body)
	u := &unstructured.Unstructured{}
	if err != nil || json.Unmarshal(after, &u.Object) != nil {
		answer(w, http.StatusBadRequest, "no patch")
		return
	}
	a.store(w, r, path, u)
}

func (a *fakeAPI) store(w http.ResponseWriter, r *http.Request, path string, u *unstructured.Unstructured) {
	a.writes = append(a.writes, r.Method+" "+path)
	u.SetResourceVersion(fmt.Sprint(len(a.writes)))
	if a.stored != nil {
		a.stored(path, u)
	}
	a.objects[path] = u
	answer(w, http.StatusOK, u)
}

// decode reads JSON and Protocol Buffers, which typed clients write.
func decode(body []byte) (*unstructured.Unstructured, error) {
	object, kind, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		return nil, err
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	u := &unstructured.Unstructured{Object: fields}
	u.SetGroupVersionKind(*kind)
	return u, err
}

func (a *fakeAPI) list(w http.ResponseWriter, r *http.Request, list map[string]any) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	items := []any{}
	for path, u := range a.objects {
		if strings.HasPrefix(path, r.URL.Path+"/") && selector.Matches(labels.Set(u.GetLabels())) {
			items = append(items, u.Object)
		}
	}
	list["items"] = items
	answer(w, http.StatusOK, list)
}

func (a *fakeAPI) discover(w http.ResponseWriter, r *http.Request) bool {
	switch path := r.URL.Path; path {
	case "/version":
		answer(w, http.StatusOK, version.Info{Major: "1", Minor: "35", GitVersion: "v1.35.4"})
		return true
	case "/api":
		answer(w, http.StatusOK, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
		return true
	case "/apis":
		groups := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
		for gv := range served {
			v := metav1.GroupVersionForDiscovery{GroupVersion: gv.String(), Version: gv.Version}
			if gv.Group != "" {
				groups.Groups = append(groups.Groups, metav1.APIGroup{Name: gv.Group, Versions: []metav1.GroupVersionForDiscovery{v}, PreferredVersion: v})
			}
		}
		answer(w, http.StatusOK, groups)
		return true
	default:
		for gv, resources := range served {
			if path == "/apis/"+gv.String() || path == "/api/"+gv.String() {
				answer(w, http.StatusOK, metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String(), APIResources: resources})
				return true
			}
		}
	}
	return false
}

// listOf is an empty list of the kind whose resource's name a path ends with,
// or nil.
func listOf(path string) map[string]any {
	last := path[strings.LastIndex(path, "/")+1:]
	for gv, resources := range served {
		for _, r := range resources {
			if r.Name == last {
				return map[string]any{"apiVersion": gv.String(), "kind": r.Kind + "List", "metadata": map[string]any{}}
			}
		}
	}
	return nil
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

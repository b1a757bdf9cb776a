package sizing

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// number is a number of a kubelet's configuration. Read from YAML it is an
// int64 or a float64, and set by a program it may be an int.
func number(kubelet *unstructured.Unstructured, field string) (int64, bool) {
	if kubelet == nil {
		return 0, false
	}
	switch n := kubelet.Object[field].(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case float64:
		return int64(n), true
	}
	return 0, false
}

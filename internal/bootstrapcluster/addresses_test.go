package bootstrapcluster

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	ipamv1 "sigs.k8s.io/cluster-api/api/ipam/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func claim(ns, name string) *ipamv1.IPAddressClaim {
	return &ipamv1.IPAddressClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name},
		Spec: ipamv1.IPAddressClaimSpec{PoolRef: ipamv1.IPPoolReference{
			APIGroup: poolv1.GroupVersion.Group, Kind: "InClusterIPPool", Name: "nodes",
		}},
	}
}

// addressOf waits until a claim has been given an address.
func addressOf(t *testing.T, c *Cluster, claim *ipamv1.IPAddressClaim) string {
	t.Helper()
	address := &ipamv1.IPAddress{}
	eventually(t, "wait for the address of "+claim.Name, func(ctx context.Context) (bool, error) {
		if err := c.Client().Get(ctx, client.ObjectKeyFromObject(claim), claim); err != nil {
			return false, err
		}
		if claim.Status.AddressRef.Name == "" || !conditions.IsTrue(claim, ipamv1.IPAddressClaimReadyCondition) {
			return false, nil
		}
		return true, c.Client().Get(ctx, client.ObjectKey{Namespace: claim.Namespace, Name: claim.Status.AddressRef.Name}, address)
	})
	return address.Spec.Address
}

func TestStaticAddresses(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	first, second, third := claim(ns, "first"), claim(ns, "second"), claim(ns, "third")
	create(t, c, first) // before its pool
	pool := &poolv1.InClusterIPPool{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "nodes"},
		// .10 to .12 without the gateway: two.
		Spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.10-10.0.0.12"}, Prefix: 24, Gateway: "10.0.0.11"},
	}
	create(t, c, pool)
	if got := addressOf(t, c, first); got != "10.0.0.10" {
		t.Errorf("the first claim got %s", got)
	}
	create(t, c, second)
	if got := addressOf(t, c, second); got != "10.0.0.12" {
		t.Errorf("the second claim got %s, which is not free or the gateway's", got)
	}

	create(t, c, third)
	eventually(t, "wait until the pool is exhausted", func(ctx context.Context) (bool, error) {
		err := c.Client().Get(ctx, client.ObjectKeyFromObject(third), third)
		ready := conditions.Get(third, ipamv1.IPAddressClaimReadyCondition)
		return ready != nil && ready.Reason == ipamv1.IPAddressClaimReadyPoolExhaustedReason &&
			strings.Contains(ready.Message, "InClusterIPPool "+ns+"/nodes"), err
	})
	eventually(t, "wait for the pool's count", func(ctx context.Context) (bool, error) {
		err := c.Client().Get(ctx, client.ObjectKeyFromObject(pool), pool)
		status := pool.Status.Addresses
		return status != nil && status.Total == 2 && status.Used == 2 && status.Free == 0, err
	})

	if err := c.Client().Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := addressOf(t, c, third); got != "10.0.0.10" {
		t.Errorf("the third claim got %s rather than the released address", got)
	}
	eventuallyGone(t, c, first)
}

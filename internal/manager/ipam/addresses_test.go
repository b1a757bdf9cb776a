package ipam

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"testing"

	poolv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
)

func TestAddressesAreHandedOutInOrderUntilNoneIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		spec poolv1.InClusterIPPoolSpec
		used []string
		want []string
	}{
		"range": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.10-10.0.0.12"}, Prefix: 24},
			want: []string{"10.0.0.10", "10.0.0.11", "10.0.0.12"},
		},
		"single addresses and one in use": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.7", "10.0.0.9"}, Prefix: 24},
			used: []string{"10.0.0.7"}, want: []string{"10.0.0.9"},
		},
		"a whole network has neither its own address nor broadcast nor the gateway": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.8/29"}, Prefix: 29, Gateway: "10.0.0.9"},
			want: []string{"10.0.0.10", "10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14"},
		},
		"unless they are said to be ordinary": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.8/31"}, Prefix: 31, AllocateReservedIPAddresses: true},
			want: []string{"10.0.0.8", "10.0.0.9"},
		},
		"excluded": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.10-10.0.0.13"}, Prefix: 24, ExcludedAddresses: []string{"10.0.0.11-10.0.0.12"}},
			want: []string{"10.0.0.10", "10.0.0.13"},
		},
		"IPv6": {
			spec: poolv1.InClusterIPPoolSpec{Addresses: []string{"2001:db8::/126"}, Prefix: 126, Gateway: "2001:db8::1"},
			want: []string{"2001:db8::2", "2001:db8::3"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := assignable(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			var taken []netip.Addr
			for _, text := range test.used {
				taken = append(taken, netip.MustParseAddr(text))
			}
			if got := tally(set, taken); got.Free != len(test.want) || got.Used != len(test.used) || got.OutOfRange != 0 {
				t.Errorf("tally %+v", got)
			}
			var got []string
			for {
				address, err := firstFree(set, taken)
				if errors.Is(err, errExhausted) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got, taken = append(got, address.String()), append(taken, address)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestPoolsThatCannotBeUsed(t *testing.T) {
	for name, spec := range map[string]poolv1.InClusterIPPoolSpec{
		"no address":      {Prefix: 24},
		"not an address":  {Addresses: []string{"10.0.0"}, Prefix: 24},
		"backward range":  {Addresses: []string{"10.0.0.9-10.0.0.1"}, Prefix: 24},
		"bad CIDR":        {Addresses: []string{"10.0.0.0/33"}, Prefix: 24},
		"bad exclusion":   {Addresses: []string{"10.0.0.1"}, Prefix: 24, ExcludedAddresses: []string{"x"}},
		"bad gateway":     {Addresses: []string{"10.0.0.1"}, Prefix: 24, Gateway: "x"},
		"too long prefix": {Addresses: []string{"10.0.0.1"}, Prefix: 33},
	} {
		if set, err := assignable(spec); err == nil {
			t.Errorf("%s: %v", name, set.Ranges())
		}
	}
}

func TestCountDoesNotOverflow(t *testing.T) {
	set, err := parseAll([]string{"::/0", "10.0.0.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(set); got != math.MaxInt {
		t.Errorf("got %d", got)
	}
}

func TestOutOfRangeAddressesDoNotCountAgainstThePool(t *testing.T) {
	set, err := assignable(poolv1.InClusterIPPoolSpec{Addresses: []string{"10.0.0.10-10.0.0.12"}, Prefix: 24})
	if err != nil {
		t.Fatal(err)
	}
	got := tally(set, []netip.Addr{netip.MustParseAddr("10.0.0.10"), netip.MustParseAddr("10.9.9.9")})
	if got.Total != 3 || got.Used != 2 || got.OutOfRange != 1 || got.Free != 2 {
		t.Errorf("%+v", got)
	}
}

# clean_network takes away what kube-vip, Cilium, flannel and kube-proxy have
# set in the host's own network. The tools that a host lacks are passed over.

# remember_vip: kube-vip's address is in its manifest only.
remember_vip() {
	vip=$(sed -n '/name: address$/{n;s/^ *value: *//p;}' "$root/etc/kubernetes/manifests/kube-vip.yaml" 2>/dev/null | tr -d "\"'" | head -n 1)
	[ -n "$vip" ] && note "vip $vip"
}

remove_vip() {
	sed -n 's/^vip //p' "$manifest" 2>/dev/null | while read -r vip; do
		ip -o addr show to "$vip" 2>/dev/null | while read -r _ device _ address _; do
			# The host's own address has its network's prefix.
			case $address in */32 | */128) ip addr del "$address" dev "$device" ;; esac
		done
	done
}

remove_interfaces() {
	for device in "$root"/sys/class/net/cilium_* "$root"/sys/class/net/lxc* \
		"$root"/sys/class/net/flannel.* "$root"/sys/class/net/cni0 "$root"/sys/class/net/kube-ipvs0; do
		[ -e "$device" ] || continue
		name=${device##*/}
		case $name in
		# Cilium's are lxc and twelve more hexadecimal digits, or lxc_health.
		lxc_health) ;;
		lxc*) printf '%s' "${name#lxc}" | grep -qE '^[0-9a-f]{12}$' || continue ;;
		esac
		# Of a pair, the other end goes along.
		ip link del "$name" 2>/dev/null || { [ -e "$device" ] && echo "interface $name stays"; }
	done
	return 0
}

# remove_bpf: programs of TCX, XDP and cgroups hang on the links pinned here;
# those of older kernels are filters of tc.
remove_bpf() {
	if has tc; then
		for device in "$root"/sys/class/net/*; do
			name=${device##*/}
			for way in ingress egress; do
				tc filter show dev "$name" "$way" 2>/dev/null | grep -q 'cil_\|cilium' || continue
				tc filter show dev "$name" "$way" | sed -n '/cil_\|cilium/s/.* pref \([0-9]*\) .* handle \(0x[0-9a-f]*\).*/\1 \2/p' |
					while read -r priority handle; do
						tc filter del dev "$name" "$way" pref "$priority" handle "$handle" bpf 2>/dev/null
					done
			done
		done
	fi
	rm -rf "$root/sys/fs/bpf/cilium"
	rm -f "$root"/sys/fs/bpf/tc/globals/cilium_*
	rmdir "$root/sys/fs/bpf/tc/globals" "$root/sys/fs/bpf/tc" 2>/dev/null
	return 0
}

# remove_rules: Cilium's routing tables (its linux_defaults: 200 IPsec, 202
# VTEP, 2004 and 2005 the proxy) and its place for the rule "local".
remove_rules() {
	for family in -4 -6; do
		ip "$family" rule show 2>/dev/null | while read -r priority rule; do
			case $rule in
			*"lookup 2004"* | *"lookup 2005"* | *fwmark*/0xf00*"lookup 200"* | *"proto kernel lookup 202"*)
				ip "$family" rule del pref "${priority%:}" 2>/dev/null
				;;
			esac
		done
		for table in 2004 2005; do ip "$family" route flush table "$table" 2>/dev/null; done
		if ip "$family" rule show pref 100 2>/dev/null | grep -q 'lookup local' &&
			! ip "$family" rule show pref 0 2>/dev/null | grep -q 'lookup local'; then
			ip "$family" rule add pref 0 lookup local && ip "$family" rule del pref 100 lookup local
		fi
	done
	return 0
}

# clean_chains gives every kind of iptables that the host has its rules back
# without those of the cluster.
clean_chains() {
	for kind in iptables iptables-legacy iptables-nft ip6tables ip6tables-legacy ip6tables-nft; do
		has "$kind-save" && has "$kind-restore" || continue
		rules=$("$kind-save" 2>/dev/null) || continue
		printf '%s\n' "$rules" | grep -q 'KUBE-\|CILIUM_' || continue
		printf '%s\n' "$rules" | grep -v 'KUBE-\|CILIUM_' | "$kind-restore" || echo "$kind keeps rules of the cluster"
	done
	if has nft; then
		for family in ip ip6; do
			nft list table "$family" kube-proxy >/dev/null 2>&1 && nft delete table "$family" kube-proxy
		done
	fi
	if has ipset; then
		ipset list -n 2>/dev/null | grep -E '^(cilium_|KUBE-)' | while read -r set; do ipset destroy "$set"; done
	fi
	return 0
}

clean_network() {
	has ip && {
		remove_vip
		remove_interfaces
		remove_rules
	}
	remove_bpf
	clean_chains
}

#!/bin/sh
# Writes the virtual machine's identity into the kubelet's configuration, as a
# kubeadm patch. VMware puts the BIOS UUID, its bytes in the order that vCenter
# shows, into the serial number: "VMware-42 0c 91 1a 5f 0d 5a 64-8e 5c ...".
set -eu
serial=${1:-/sys/class/dmi/id/product_serial}
patch=${2:-/etc/kubernetes/patches/kubeletconfiguration1+strategic.yaml}

uuid=$(sed -nE '/^VMware-/!d; s/^VMware-//; s/[^0-9A-Fa-f]//g;
s/^(.{8})(.{4})(.{4})(.{4})(.{12})$/\1-\2-\3-\4-\5/p' "$serial" | tr A-F a-f)
if [ -z "$uuid" ]; then
  echo "no virtual machine's UUID in $serial: the node cannot be matched with its Machine" >&2
  exit 1
fi
mkdir -p "$(dirname "$patch")"
printf 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nproviderID: vsphere://%s\n' "$uuid" >"$patch"

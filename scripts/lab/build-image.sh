#!/usr/bin/env bash
# Builds the lab's disk image, kernel and initrd once, and prints the folder that holds them.
# The folder's name is a hash of this recipe, so a changed recipe builds anew and an unchanged one costs nothing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${NASGITOPS_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nasgitops-lab}
key=$(cat "$here/build-image.sh" "$here/customize.sh" | sha256sum | cut -c1-16) # contents only: every checkout shares one image
image=$cache/$key

if [ -f "$image/complete" ]; then echo "$image"; exit 0; fi
if [ "${1:-}" = --cached ]; then exit 1; fi # only asked whether it is there

[ "$(id -u)" = 0 ] || { echo "lab: building the image needs root (mmdebstrap makes device nodes and owners)" >&2; exit 1; }
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ -f "$image/complete" ]; then echo "$image"; exit 0; fi
work=$image.building
# A build that was killed may have left the new system's /proc and /sys mounted, and they are the host's own.
awk -v dir="$work/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount --lazy
rm -rf --one-file-system "$work"
mkdir -p "$work"

packages=systemd-sysv,systemd-resolved,udev,dbus,linux-image-amd64,linux-headers-amd64,zfs-dkms,zfsutils-linux,zfs-zed
packages+=,nfs-kernel-server,nfs-common,samba,samba-vfs-modules,smbclient,cifs-utils,avahi-daemon,avahi-utils,btrfs-progs
packages+=,git,libgit2-1.9,openssh-server,nftables,age,iproute2,procps,kmod,initramfs-tools,tzdata,attr,acl,psmisc,curl,ca-certificates,prometheus
packages+=,samba-testsuite,sanoid # smbtorture speaks as a Mac does; sanoid is what snapshots are measured against

echo "lab: building the image (Debian 13 with OpenZFS, kernel NFS, Samba); five to eight minutes, once" >&2
ssh-keygen -q -t ed25519 -N '' -C nasgitops-lab -f "$work/key"
mmdebstrap=
trap '[ -z "$mmdebstrap" ] || kill "$mmdebstrap"; wait; exit 130' INT TERM
mmdebstrap --variant=minbase --components=main,contrib --include="$packages" \
  --customize-hook="copy-in $work/key.pub $here/customize.sh /tmp" \
  --customize-hook='chroot "$1" sh /tmp/customize.sh' \
  trixie "$work/root" >"$work/build.log" 2>&1 &
mmdebstrap=$!
wait "$mmdebstrap" \
  || { tail -n 40 "$work/build.log" >&2; echo "lab: the image could not be built; the whole log is $work/build.log" >&2; exit 1; }

cp "$work"/root/boot/vmlinuz-* "$work/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$work/initrd"
mkfs.ext4 -q -F -L nasgitops-lab -d "$work/root" "$work/disk.raw" 5G
rm -rf "$work/root"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
rm "$work/disk.raw"
date -u +%FT%TZ >"$work/complete"
rm -rf "$image"
mv "$work" "$image"
echo "$image"

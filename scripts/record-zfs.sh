#!/usr/bin/env bash
# Records what OpenZFS prints, for the parsers' tests. Runs as root in the lab (file vdevs, pools of its own), writes into the given folder:
#
#   scripts/lab.sh up; scripts/lab.sh copy scripts/record-zfs.sh /tmp/record-zfs.sh
#   scripts/lab.sh ssh 'bash /tmp/record-zfs.sh /tmp/recorded && tar -C /tmp/recorded -c .' | tar -C tests/NasGitOps.Storage.Tests/Zfs/Recorded -x
set -euo pipefail
out=$1
mkdir -p "$out" /var/tmp/vdevs
version=$(zfs version | sed -n '1s/^zfs-\([0-9]*\.[0-9]*\).*/\1/p')
disk() { truncate -s 128M "/var/tmp/vdevs/$1"; echo "/var/tmp/vdevs/$1"; }
record() { local name=$1; shift; "$@" >"$out/$name-$version.txt" 2>&1 || true; }

properties=type,guid,mounted,keystatus,keyformat,keylocation,encryption,encryptionroot,origin,aclinherit,aclmode,acltype,atime,canmount,casesensitivity,checksum,compression,copies,dedup,devices,dnodesize,exec,filesystem_limit,logbias,mountpoint,nbmand,normalization,overlay,primarycache,quota,readonly,recordsize,redundant_metadata,refquota,refreservation,relatime,reservation,secondarycache,setuid,snapdev,snapdir,snapshot_limit,special_small_blocks,sync,utf8only,volblocksize,volmode,volsize,vscan,xattr,nasgitops:resource,nasgitops:guid,nasgitops:properties,nasgitops:deletion-policy,userquota@1000
case $version in 2.[3-9]) properties=$properties,prefetch,direct ;; esac

zpool create -o ashift=12 -O xattr=sa -O acltype=posixacl -O nasgitops:resource=Pool/wide -m /srv/wide wide \
  mirror "$(disk a)" "$(disk b)" mirror "$(disk c)" "$(disk d)" special mirror "$(disk e)" "$(disk f)" log "$(disk g)" cache "$(disk h)" spare "$(disk i)"
zpool create -m none flat "$(disk j)" "$(disk k)"
zpool create -m none rz raidz2 "$(disk l)" "$(disk m)" "$(disk n)" "$(disk o)"
zfs create -u -o quota=10M -o filesystem_limit=10 -o userquota@1000=1M wide/docs
zfs create -u -o compression=zstd-3 -o recordsize=1M wide/docs/deep
zfs create -V 16M wide/disk
zfs create -s -V 16M wide/sparse
zfs create -o mountpoint=legacy wide/legacy
echo passphrase-of-a-test | zfs create -o encryption=on -o keyformat=passphrase -o keylocation=prompt wide/secret
zfs create wide/secret/child
zfs unmount -a || true
zfs unload-key wide/secret || true
zfs snapshot wide/docs@now
zfs clone wide/docs@now wide/clone

record zfs-get zfs get -Hp -r -t filesystem,volume -o name,property,value,source "$properties" wide
record zpool-get zpool get -Hp -o name,property,value,source guid,health,size,allocated,free,ashift,autoexpand,autoreplace,autotrim,comment,delegation,failmode,listsnapshots,multihost
record zpool-status zpool status -P -p
record zpool-import-none zpool import -d /var/tmp/nowhere
zpool offline wide /var/tmp/vdevs/a
record zpool-status-degraded zpool status -P -p wide
zpool online wide /var/tmp/vdevs/a
record zpool-replace zpool replace wide /var/tmp/vdevs/b "$(disk p)"
record zpool-status-replacing zpool status -P -p wide
zpool export rz
rm /var/tmp/vdevs/o
record zpool-import zpool import -d /var/tmp/vdevs
zpool destroy wide
zpool destroy flat
zpool import -d /var/tmp/vdevs rz
zpool destroy rz
rm -r /var/tmp/vdevs

# Layouts on their way from one to another: copying is held still while they are told.
parameters=/sys/module/zfs/parameters
tv() { truncate -s 256M "/var/tmp/tv/$1"; echo "/var/tmp/tv/$1"; }
hold() { echo 1 >$parameters/zfs_scan_suspend_progress; }
go_on() { echo 0 >$parameters/zfs_scan_suspend_progress; zpool wait -t resilver "$1"; sleep 2; }
fill() { dd if=/dev/urandom of="$1" bs=1M count=40 status=none; zpool sync; }
mkdir -p /var/tmp/tv
zpool create -m /srv/one one "$(tv a)"
fill /srv/one/f
hold; zpool attach one /var/tmp/tv/a "$(tv b)"
record zpool-status-attaching zpool status -P -p one
go_on one
hold; zpool replace one /var/tmp/tv/b "$(tv c)"; zpool detach one /var/tmp/tv/a
record zpool-status-replacing-single zpool status -P -p one
zpool add one spare "$(tv s)"
go_on one
zpool replace one /var/tmp/tv/c /var/tmp/tv/s; go_on one
record zpool-status-spare zpool status -P -p one
record zpool-status-spare-numbers zpool status -P -p -g one
record zpool-list-spare zpool list -v -H -P -p one
hold; zpool replace one /var/tmp/tv/c "$(tv e)"
record zpool-status-spare-replacing zpool status -P -p one
go_on one
zpool remove one /var/tmp/tv/s
zpool add one "$(tv f)"; zpool add one log mirror "$(tv l1)" "$(tv l2)" cache "$(tv k)"
record zpool-status-log zpool status -P -p one
record zpool-list-log zpool list -v -H -P -p one
zpool add one "$(tv g)"; fill /srv/one/g
echo 1 >$parameters/zfs_removal_suspend_progress; zpool remove one /var/tmp/tv/g; sleep 1
record zpool-status-removing zpool status -P -p one
echo 0 >$parameters/zfs_removal_suspend_progress; zpool wait -t remove one
record zpool-status-removed zpool status -P -p one
zpool destroy one
case $version in
  2.[3-9])
    zpool create -m /srv/rz rz raidz1 "$(tv m)" "$(tv n)" "$(tv o)"; fill /srv/rz/f
    record zpool-list-raidz zpool list -v -H -P -p rz
    echo 20000000 >$parameters/raidz_expand_max_reflow_bytes; zpool attach rz raidz1-0 "$(tv q)"; sleep 2
    record zpool-status-expanding zpool status -P -p rz
    echo 0 >$parameters/raidz_expand_max_reflow_bytes; zpool wait -t raidz_expand rz
    record zpool-status-expanded zpool status -P -p rz
    zpool destroy rz ;;
esac
rm -r /var/tmp/tv

# A disk of the lab's machine is pulled.
disks=/dev/disk/by-id/virtio-NAS0
zpool create -m none real mirror ${disks}1 ${disks}2
slot=$(basename "$(readlink -f "/sys/block/$(basename "$(readlink -f ${disks}2)")/device")")
echo "$slot" >/sys/bus/virtio/drivers/virtio_blk/unbind; udevadm settle; sleep 2
record zpool-status-pulled zpool status -P -p real
record zpool-status-pulled-numbers zpool status -P -p -g real
echo "$slot" >/sys/bus/virtio/drivers/virtio_blk/bind; udevadm settle
zpool destroy real

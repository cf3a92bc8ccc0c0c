#!/bin/sh
# Runs inside the new root file system: what a Debian host has that a bare package set has not.
set -eu

modules=$(ls /lib/modules)
test -n "$(find "/lib/modules/$modules" -name 'zfs.ko*')" || { echo "the ZFS module was not built"; exit 1; }

echo nas1 >/etc/hostname
printf '127.0.0.1 localhost nas1\n::1 localhost\n' >/etc/hosts
printf 'LABEL=nasgitops-lab / ext4 defaults 0 1\n' >/etc/fstab
mkdir -p /etc/systemd/network /root/.ssh /etc/ssh/sshd_config.d
printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' >/etc/systemd/network/dhcp.network
install -m 600 /tmp/key.pub /root/.ssh/authorized_keys
printf 'UseDNS no\nMaxSessions 50\nMaxStartups 50\n' >/etc/ssh/sshd_config.d/lab.conf
printf 'zfs\n' >/etc/modules-load.d/zfs.conf
printf 'options zfs zfs_arc_max=402653184\n' >/etc/modprobe.d/zfs.conf

systemctl enable systemd-networkd ssh nfs-server smbd serial-getty@ttyS0 zfs-import-cache zfs-mount zfs.target zfs-import.target
systemctl disable nmbd winbind samba-ad-dc prometheus prometheus-node-exporter 2>/dev/null || true
systemctl mask apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer systemd-networkd-wait-online.service \
  zfs-scrub-monthly@.timer zfs-trim-monthly@.timer dpkg-db-backup.timer blkmapd.service nmbd.service sanoid.timer

update-initramfs -u -k "$modules"

# The module is built; its compiler and headers only make the image large.
rm -rf /usr/src/linux-headers-* /usr/lib/gcc /usr/libexec/gcc /usr/include /var/lib/dkms/*/*/build \
  /usr/share/doc /usr/share/man /usr/share/locale /var/cache/apt /var/lib/apt/lists
mkdir -p /var/lib/apt/lists /var/cache/apt/archives/partial
rm -f /tmp/key.pub /tmp/customize.sh

#!/bin/bash
# Runs in the lab's machine, next to record-tool.sh: records everything that an observation of this host reads, as a tar archive on standard output.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
recording=/recording
rm -rf $recording && mkdir -p $recording/bin $recording/kept
for tool in zfs zpool testparm pdbedit getent systemctl; do ln -s "$here/record-tool.sh" $recording/bin/$tool; done
chmod +x "$here/record-tool.sh"
PATH=$recording/bin:$PATH nasgitops plan --exit-code >&2
rm -r $recording/bin
cd /
{
  ls -d recording srv/git/storage.git var/lib/nasgitops etc/nasgitops etc/exports etc/exports.d etc/samba var/lib/nfs/etab dev/disk/by-id | while read -r path; do find "$path"; done
  find tank -maxdepth 1 -type d
} >/tmp/recorded
tar -c --numeric-owner --no-recursion -T /tmp/recorded

#!/usr/bin/env bash
# Runs in the lab's machine: 200 snapshots (hourly and daily) on 100 datasets that have 5,000 snapshots, and a retention run that prunes nothing; with nasgitops and with sanoid.
# Prints lines of: what TAB measured TAB goal.
set -euo pipefail

row() { printf '%s\t%s\t%s\n' "$@"; }
zpool create -m /tank tank mirror /dev/disk/by-id/virtio-NAS01 /dev/disk/by-id/virtio-NAS02
zfs create tank/data
# The event daemon starts several scripts for each event; what is only set up needs none of them.
systemctl stop zfs-zed
for n in $(seq 1 100); do zfs create "tank/data/d$n"; done
for n in $(seq 1 50); do zfs snapshot -r "tank/data@old$n"; done
zpool events -c >/dev/null
systemctl start zfs-zed

# --- nasgitops: both schedules fire at the same minute -----------------------------------------------------------------
cat >/etc/nasgitops/agent.yaml <<'YAML'
host: nas1
repository: {url: "file:///srv/git/storage.git", branch: main, interval: 1h}
reconcile: {driftInterval: 1h}
YAML
git config --global user.name bench; git config --global user.email bench@localhost
git init -q --bare -b main /srv/git/storage.git
git clone -q /srv/git/storage.git /root/storage 2>/dev/null
mkdir -p /root/storage/common
schedule() { printf -- '---\napiVersion: nasgitops.io/v1\nkind: SnapshotSchedule\nmetadata: {name: %s}\nspec: {datasets: [tank/data], recursive: true, cron: "*/4 * * * *", retention: {keepLast: 100}}\n' "$1"; }
{
  printf 'apiVersion: nasgitops.io/v1\nkind: Pool\nmetadata: {name: tank}\nspec: {}\n---\napiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {name: tank/data}\nspec: {}\n'
  schedule hourly
  schedule daily
} >/root/storage/common/all.yaml
cd /root/storage && git add -A && git commit -q -m bench && git push -q origin HEAD:main
systemctl start nasgitops
# Read from the file of the jobs: a command of ours, asked again and again, would take processor time from what is measured.
jobs() { awk -v RS='}' '/"task": "'"$1"'"/ && /"lastRun": "/' /var/lib/nasgitops/jobs.json 2>/dev/null | sed -n 's/.*"seconds": \([0-9.]*\).*/\1/p'; }
until [ "$(jobs retention | wc -l)" = 2 ]; do sleep 5; done
took=$(zfs list -H -t snapshot -o name -r tank/data | grep -c '@auto-')
row "take $took snapshots of 100 datasets: both jobs at once, the longer" "$(jobs snapshot | sort -n | tail -n 1) s" "8 s"
row "retention of both schedules, nothing to prune" "$(jobs retention | sort -n | tail -n 1) s" "10 s"
pid=$(systemctl show -P MainPID nasgitops)
row "the agent's resident memory then (of it private)" "$(awk '/^VmRSS/ { r = $2 } /^RssAnon/ { p = $2 } END { printf "%.0f MB (%.0f MB)", r / 1024, p / 1024 }' "/proc/$pid/status")" ""
systemctl stop nasgitops

# --- sanoid, the same work ------------------------------------------------------------------------------------------------
mkdir -p /etc/sanoid
[ -e /etc/sanoid/sanoid.defaults.conf ] || cp /usr/share/sanoid/sanoid.defaults.conf /etc/sanoid/ 2>/dev/null || true
cat >/etc/sanoid/sanoid.conf <<'CONF'
[tank/data]
  use_template = bench
  recursive = yes
[template_bench]
  frequently = 0
  hourly = 100
  daily = 100
  weekly = 0
  monthly = 0
  yearly = 0
  autosnap = yes
  autoprune = yes
CONF
seconds() { local begin end; begin=$(date +%s%N); "$@" >/dev/null 2>&1 || true; end=$(date +%s%N); echo "$(( (end - begin) / 100000000 ))" | sed 's/\(.\)$/.\1/'; }
before=$(zfs list -H -t snapshot -o name -r tank/data | wc -l)
taking=$(seconds sanoid --take-snapshots --verbose)
row "sanoid: take $(( $(zfs list -H -t snapshot -o name -r tank/data | wc -l) - before )) snapshots" "$taking s" ""
row "sanoid: nothing to take" "$(seconds sanoid --take-snapshots) s" ""
row "sanoid: nothing to prune" "$(seconds sanoid --prune-snapshots --force-update) s" ""

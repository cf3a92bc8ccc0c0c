#!/usr/bin/env bash
# The whole product in a minute, on this machine, without a spare disk: a throw-away repository, a pool on an image file (ZFS where its module
# is loaded, else btrfs), a private Samba server, and an agent that follows what is pushed. It cleans up after itself.
#
#   scripts/demo.sh            as root on Debian or Ubuntu, with the .NET 10 SDK; installs what else is missing
#   scripts/demo.sh --keep     leaves it running, with the address of its page;  scripts/demo.sh --end  ends it
#   scripts/demo.sh            not as root: tells what it needs, and checks and plans the example without touching anything
#
# NASGITOPS_BINARY names a nasgitops to use instead of building one. NASGITOPS_DEMO_BACKEND=zfs|btrfs chooses.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mark=/run/nasgitops-demo
example=$top/examples-repo/shelf
keep=
. "$top/scripts/packages.sh"
. "$top/scripts/demo/show.sh"
. "$top/scripts/demo/host.sh"
export PATH=$PATH:/usr/sbin:/sbin DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DEBIAN_FRONTEND=noninteractive

case ${1:-} in
  '') ;;
  --keep) keep=1 ;;
  --end) end_kept; exit ;;
  *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; [ "$1" = --help ] || exit 64; exit 0 ;;
esac

build() {
  if [ -n "${NASGITOPS_BINARY:-}" ]; then nasgitops=$NASGITOPS_BINARY; return; fi
  command -v dotnet >/dev/null || die "the .NET 10 SDK is not installed: https://dotnet.microsoft.com/download"
  echo "building nasgitops ..."
  dotnet build "$top/src/NasGitOps" -c Release -v quiet --nologo >/dev/null || die "the build failed: dotnet build src/NasGitOps -c Release"
  nasgitops=$top/src/NasGitOps/bin/Release/net10.0/nasgitops
}

if [ "$(id -u)" != 0 ]; then
  build
  cat <<'TEXT'
The demo makes a file system on an image file, mounts it, and adds two accounts for its time: that needs root (sudo scripts/demo.sh).
What needs no rights is what a pull request does: checking manifests, and planning them against what a host published.

TEXT
  show "$nasgitops" validate "$example"
  echo "Somebody writes other limits; this is what the host 'shelf' would do with it:"
  echo
  changed=$(mktemp -d)
  trap 'rm -rf "$changed"' EXIT
  cp -r "$example/hosts" "$changed/"
  sed -i 's/quota: 500GiB/quota: 750GiB/; s/refquota: 50GiB/refquota: 80GiB/' "$changed/hosts/shelf/datasets.yaml"
  show "$nasgitops" plan --repo "$changed" --inventory "$example/inventory/shelf.yaml"
  exit 0
fi

prepare_host
trap 'code=$?; leave $code' EXIT
trap 'exit 130' INT TERM HUP
build
started=$SECONDS
make_host

title "Somebody writes what the NAS should be" "It is examples-repo/shelf, with an image file for its disks."
tell cat "$work/repo/hosts/shelf/pool.yaml"
show "$nasgitops" validate "$work/repo"

title "git push, and the plan" "What a pass would do is computed first; nothing has been touched yet."
commit "The household moves in"
show_long "$nasgitops" plan --config "$work/agent.yaml"

title "The agent follows the repository" "It makes the pool, the datasets, the accounts and the shares."
start_agent
wait_for_applied
show "$nasgitops" status --config "$work/agent.yaml"
show findmnt -o TARGET,SOURCE,FSTYPE -R "$place"

title "Ada writes by SMB, Ben may only read" "A private smbd serves the shares on port $smb_port."
echo 'the lake at dawn' >"$work/lake.txt"
smb ada photos "put $work/lake.txt lake.txt"
smb ben photos "get lake.txt -"
smb_refused ben photos "put $work/lake.txt ben.txt"

title "A previous version" "A snapshot, then Ada overwrites the file; Windows shows the old one under Previous Versions, here the same by its @GMT path."
now=$(date -u +%Y.%m.%d-%H.%M.%S)
snapshot "shelf/photos" "demo_GMT-$now"
echo 'the lake, badly cropped' >"$work/lake.txt"
smb ada photos "put $work/lake.txt lake.txt"
smb ada photos "get lake.txt -"
smb ada photos "get @GMT-$now/lake.txt -"

title "A change, and a clone" "More room for documents, and the photos as they were in the snapshot, for a week."
sed -i 's/refquota: 50GiB/refquota: 80GiB/' "$work/repo/hosts/shelf/datasets.yaml"
tell "$nasgitops" restore --from "shelf/photos@demo_GMT-$now" --name shelf/photos-restored
"$nasgitops" restore --from "shelf/photos@demo_GMT-$now" --name shelf/photos-restored >"$work/repo/hosts/shelf/restore.yaml" 2>/dev/null
commit "More room, and the photos of this morning"
show "$nasgitops" plan --config "$work/agent.yaml"
wake_agent
wait_for_applied
show cat "$place/photos-restored/lake.txt"
show cat "$place/photos/lake.txt"

title "A commit with a mistake" "It is refused as a whole, with the line; what was good stays in force."
sed -i 's/refquota:/refqouta:/' "$work/repo/hosts/shelf/datasets.yaml"
commit "Too quick"
wake_agent
wait_for_refused
show_failing "$nasgitops" validate "$work/repo"
show "$nasgitops" status --config "$work/agent.yaml"

title "What it published" "The status branch is for people and for the next plan; Prometheus reads the metrics."
show git -C "$work/storage.git" log --format='%h %s' nasgitops/status/shelf
show curl -s "http://127.0.0.1:$http_port/metrics" --output "$work/metrics"
tell grep -E '^nasgitops_(passes_total|changes_total|pool_free_bytes|drift)' "$work/metrics"

printf '\nThat took %s seconds.\n' $((SECONDS - started))

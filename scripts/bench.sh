#!/usr/bin/env bash
# Measures what docs/benchmarks.md reports, and prints it as a table.
#
#   scripts/bench.sh             everything
#   scripts/bench.sh native      validate of 1,000 manifests and the retention of 1,000,000 snapshots, on this machine
#   scripts/bench.sh snapshots   200 snapshots on 100 datasets that have 5,000, in the virtual machine, with sanoid beside it
#   scripts/bench.sh lab         100 datasets, 50 exports, 50 shares on the NAS in the virtual machine; makes the recording for the next
#   scripts/bench.sh agent TAR   the agent on this machine, as root, against a recording of that NAS (scripts/bench/agent.sh)
#
# NASGITOPS_PUBLISH_DIR names a folder with a published nasgitops that is measured instead of a fresh one;
# NASGITOPS_BENCH_RECORDING is where the recording goes.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
part=${1:-all}
work=$(mktemp -d)
export NASGITOPS_LAB_RUN=$work/machine
lab() { bash "$top/scripts/lab.sh" "$@"; }
finish() { [ ! -d "$NASGITOPS_LAB_RUN" ] || lab down; rm -rf "$work"; }
trap finish EXIT
trap 'exit 130' INT TERM

publish=${NASGITOPS_PUBLISH_DIR:-$top/artifacts/publish}
[ -n "${NASGITOPS_PUBLISH_DIR:-}" ] || lab publish "$publish"
recording=${2:-${NASGITOPS_BENCH_RECORDING:-$work/recording.tar}}
dotnet build "$top/tests/NasGitOps.Benchmarks" -c Release -v quiet --nologo >&2
bench() { dotnet "$top/tests/NasGitOps.Benchmarks/bin/Release/net10.0/nasgitops-bench.dll" "$@"; }
row() { printf '| %-58s | %-34s | %-12s |\n' "$@"; }

row figure measured goal
row --- --- ---

if [ "$part" = all ] || [ "$part" = native ]; then
  bench generate validate "$work/thousand" 1000 >&2
  row "validate of 1,000 manifests, whole process" "$(bench time 5 "$publish/nasgitops" validate "$work/thousand")" "under 1 s"
fi

if [ "$part" = all ] || [ "$part" = native ]; then
  row "planning the retention of 1,000,000 snapshots of 1,000 sets" "$(bench retention 1000000 1000)" "2 s, 600 MB"
  row "the same, all of one dataset" "$(bench retention 1000000 1)" "2 s, 600 MB"
fi

# Natively, against the recorded answers of the machine: what an emulated processor cannot tell.
agent() {
  "$top/scripts/bench/agent.sh" "$recording" "$publish/nasgitops" >"$work/agent"
  figure() { awk -v n="$1" '$1 == n { print $2 }' "$work/agent"; }
  row "the agent's own CPU in a warm pass, native (mean of 20)" "$(figure cpu) ms" "under 150 ms"
  row "idle resident memory, native (of it private)" "$(( $(figure VmRSS) / 1024 )) MB ($(( $(figure RssAnon) / 1024 )) MB)" "under 110 MB"
}

snapshots() {
  lab up >&2
  lab install-from "$publish" >&2
  lab copy "$top/scripts/bench/snapshots.sh" /root/snapshots.sh
  lab ssh 'bash /root/snapshots.sh' | while IFS='	' read -r what measured goal; do row "$what" "$measured" "$goal"; done
  lab down
}

case $part in
  snapshots) snapshots; exit 0 ;;
  native) exit 0 ;;
  agent) agent; exit 0 ;;
esac

# --- in the machine --------------------------------------------------------------------------------------------------

lab up >&2
lab install-from "$publish" >&2
bench generate host "$work/host" >&2
lab ssh 'cat >/etc/nasgitops/agent.yaml' <<'YAML'
host: nas1
repository: {url: "file:///srv/git/storage.git", branch: main, interval: 1h}
status: {file: /var/lib/nasgitops/status.yaml, branch: nasgitops/status/nas1}
reconcile: {driftInterval: 1h}
http: {listen: "127.0.0.1:9753"}
YAML
lab ssh 'git config --global user.name bench; git config --global user.email bench@localhost
  git init -q --bare -b main /srv/git/storage.git && git clone -q /srv/git/storage.git /root/storage 2>/dev/null'
tar -C "$work/host" -c hosts | lab ssh 'tar -x -C /root/storage --no-same-owner && cd /root/storage && git add -A && git commit -q -m bench && git push -q origin HEAD:main && git rev-parse HEAD' >"$work/tip"
lab ssh 'systemctl start --no-block nasgitops'
begun=$SECONDS

deadline=$((SECONDS + 1800))
until lab ssh "grep -q '^lastAppliedCommit:.*$(cat "$work/tip")' /var/lib/nasgitops/status.yaml" 2>/dev/null; do
  [ $SECONDS -lt $deadline ] || { lab ssh 'journalctl --no-pager -u nasgitops -n 50 -o cat' >&2; echo "not applied within 30 minutes" >&2; exit 1; }
  sleep 5
done
applied=$((SECONDS - begun))

# One whole pass: the agent is told to look again, and the status file's observedAt moves when it has.
# Own processor time is utime + stime of the agent alone, in clock ticks of 10 ms; its children are counted apart (cutime + cstime).
cat >"$work/probe.sh" <<'PROBE'
pid=$(systemctl show -P MainPID nasgitops)
ticks() { sed 's/.*) //' /proc/$pid/stat | awk '{print $12 + $13, $14 + $15}'; }
commands() { curl -sf http://127.0.0.1:9753/metrics | awk '/^nasgitops_commands_total/ { if ($0 !~ /tool="git"/) n += $NF } END { print n + 0 }'; }
tools() { curl -sf http://127.0.0.1:9753/metrics | sed -n 's/^nasgitops_commands_total{.*tool="\([^"]*\)".* \([0-9.]*\)$/\1 \2/p' | awk '{ n[$1] += $2 } END { for (t in n) print t, n[t] }' | sort; }
observed() { grep -m1 '^observedAt' /var/lib/nasgitops/status.yaml; }
pass() {
  before=$(observed); systemctl reload nasgitops
  for _ in $(seq 1 600); do [ "$(observed)" = "$before" ] || return 0; sleep 0.2; done
  echo "no pass within two minutes" >&2; exit 1
}
pass; pass
for round in 1 2 3 4 5; do
  set -- $(ticks); own=$1; children=$2; started=$(commands)
  [ "$round" != 5 ] || tools >/tmp/tools.before
  begin=$(date +%s%N); pass; end=$(date +%s%N)
  set -- $(ticks)
  echo "pass $(( $(commands) - started )) $(( ($1 - own) * 10 )) $(( ($2 - children) * 10 )) $(( (end - begin) / 1000000 ))"
done
tools | join - /tmp/tools.before | awk '$2 > $3 { print "tool", $1, $2 - $3 }'
sleep 20
echo "rss $(awk '/^VmRSS/ {print $2}' /proc/$pid/status) $(awk '/^RssAnon/ {print $2}' /proc/$pid/status)"
PROBE
lab copy "$work/probe.sh" /root/probe.sh
lab ssh 'bash /root/probe.sh' >"$work/figures"
median() { awk -v c="$1" '$1 == "pass" { print $c }' "$work/figures" | sort -n | sed -n 3p; }
accelerator=$(cat "${NASGITOPS_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nasgitops-lab}/accelerator")
row "first apply of all of it ($accelerator)" "$applied s" ""
row "processes started by a no-op pass, git's not counted" "$(median 2)" "at most 12"
row "of these, by tool (git's too)" "$(awk '$1 == "tool" { printf "%s%s %s", s, $2, $3; s = ", " }' "$work/figures")" ""
row "the agent's own CPU in a warm pass ($accelerator)" "$(median 3) ms (median of 5)" ""
row "CPU of the commands that it starts ($accelerator)" "$(median 4) ms" ""
row "wall time of a no-op pass, trigger included ($accelerator)" "$(median 5) ms" ""
row "idle resident memory there (of it private)" "$(awk '$1 == "rss" { printf "%.0f MB (%.0f MB)", $2 / 1024, $3 / 1024 }' "$work/figures")" "under 110 MB"

lab copy "$top/scripts/bench" /root/bench
lab ssh 'bash /root/bench/record.sh' >"$recording"
if [ "$part" = all ]; then agent; fi

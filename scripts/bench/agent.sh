#!/usr/bin/env bash
# Runs the published agent on this machine against a recorded host, and prints its own processor time and memory:
#   scripts/bench/agent.sh RECORDING NASGITOPS        (as root: it makes a mount namespace and a root folder of its own)
# The agent sees the recorded files, and tools that print what the real ones printed; nothing outside of that folder is touched.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "${3:-}" != inside ]; then exec unshare -m "${BASH_SOURCE[0]}" "$1" "$2" inside; fi

passes=20
root=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid" || true; }
  umount "$root"/usr "$root"/proc "$root"/dev/{null,urandom} 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap finish EXIT
trap 'exit 130' INT TERM

tar -x -p --numeric-owner -C "$root" -f "$1"
mkdir -p "$root"/{usr,proc,tmp,root,opt,dev,etc}
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
for bound in usr proc; do mount --rbind "/$bound" "$root/$bound"; done
for bound in null urandom; do touch "$root/dev/$bound"; mount --bind "/dev/$bound" "$root/dev/$bound"; done
cp /etc/{passwd,group,nsswitch.conf,ld.so.cache} "$root/etc/"
cp -r "$(dirname "$2")" "$root/opt/nasgitops"
mkdir "$root/recording/bin"
cp "$here/replay-tool.sh" "$root/recording/replay-tool.sh"
chmod 755 "$root/recording/replay-tool.sh"
for tool in zfs zpool testparm pdbedit getent systemctl; do ln -s ../replay-tool.sh "$root/recording/bin/$tool"; done
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen=>1,LocalAddr=>"127.0.0.1")->sockport')
sed -i "s/127.0.0.1:9753/127.0.0.1:$port/" "$root/etc/nasgitops/agent.yaml"

# What the unit gives the daemon, no more.
mapfile -t settings < <(sed -n 's/^Environment=//p' "$here/../../systemd/nasgitops.service" | tr ' ' '\n')
chroot "$root" /usr/bin/env -i HOME=/root PATH=/recording/bin:/usr/sbin:/usr/bin "${settings[@]}" /opt/nasgitops/nasgitops agent >"$root/log" 2>&1 &
pid=$!

status=$root/var/lib/nasgitops/status.yaml
observed() { grep -m1 '^observedAt' "$status"; }
ticks() { sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }'; }
metric() { curl -sf "http://127.0.0.1:$port/metrics" | awk "$1"; }
commands() { metric '/^nasgitops_commands_total/ && !/tool="git"/ { n += $NF } END { print n + 0 }'; }
await() {
  for _ in $(seq 1 1200); do [ "$(observed)" = "$1" ] || return 0; sleep 0.05; done
  cat "$root/log" >&2
  echo "no pass within a minute" >&2
  exit 1
}
pass() { local before; before=$(observed); kill -HUP "$pid"; await "$before"; sleep 0.1; }

# The status file is the recorded one until the first pass has ended.
await "$(observed)"
pass; pass; pass
started=$(commands)
own=$(ticks)
for _ in $(seq 1 $passes); do pass; done
own=$(( $(ticks) - own ))
echo "processes $(( ($(commands) - started) / passes ))"
echo "cpu $(( own * 1000 / $(getconf CLK_TCK) / passes ))"
# A pass that finds something to do is no no-op pass, and what it costs says nothing here.
if grep -E 'change|ERR' "$root/log" >&2; then exit 1; fi
sleep 20
awk '/^(VmRSS|RssAnon|VmHWM)/ { sub(":", "", $1); print $1, $2 }' "/proc/$pid/status"

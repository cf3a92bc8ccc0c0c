# shellcheck shell=bash
# Sourced by scripts/demo.sh: a host within this host, and its end.

agent_pid="" smbd_pid="" work=""
place=/mnt/nasgitops-demo
people='ada ben'
household=household

# Looks before anything is done whether something of this machine would be in the way.
prepare_host() {
  [ ! -e "$mark" ] || die "a demo runs here already, or was cut off by a power cut; 'scripts/demo.sh --end' ends it"
  backend=${NASGITOPS_DEMO_BACKEND:-}
  if [ -z "$backend" ]; then if [ -d /sys/module/zfs ] && command -v zpool >/dev/null; then backend=zfs; else backend=btrfs; fi; fi
  local person wanted=(git samba samba-common-bin samba-vfs-modules smbclient curl util-linux procps) missing
  [ $backend = zfs ] || wanted+=(btrfs-progs)
  command -v dpkg >/dev/null || die "this is neither Debian nor Ubuntu: these must be there: ${wanted[*]}"
  mapfile -t missing < <(missing_packages "${wanted[@]}" $(libgit2_package))
  if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]} ..."
    local log
    log=$(mktemp)
    install_quietly "$log" "${missing[@]}" || { tail -n 15 "$log" >&2; die "apt-get install ${missing[*]} failed; the whole log is $log"; }
    rm -f "$log"
  fi
  for person in $people; do ! getent passwd "$person" >/dev/null || die "this machine has a user '$person', whom the demo would take over; nothing was done"; done
  ! getent group $household >/dev/null || die "this machine has a group '$household', which the demo would take over; nothing was done"
  [ ! -e $place ] || die "$place is there already; nothing was done"
  if [ $backend = btrfs ]; then
    modprobe -q btrfs 2>/dev/null || true
    grep -qw btrfs /proc/filesystems || die "this kernel has neither ZFS nor btrfs"
    # Without its cache, which for two seconds answers without looking.
    ! BLKID_FILE=/dev/null blkid -L shelf >/dev/null || die "a file system labelled 'shelf' is here already; nothing was done"
    [ -e /dev/loop-control ] || die "this machine has no loop devices (/dev/loop-control), on which the pool would stand"
  else
    ! zpool list -H shelf >/dev/null 2>&1 || die "a pool 'shelf' is here already; nothing was done"
  fi
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo $port; return; fi
  done
}

make_host() {
  local person
  work=$(mktemp -d /var/tmp/nasgitops-demo.XXXXXX)
  printf '%s\n%s\n' "$work" "$backend" >"$mark"
  mkdir -p "$work"/{samba/private,samba/lock,exports,avahi,secrets,state}
  chmod 755 "$work"
  chmod 700 "$work/secrets"
  for person in $people; do
    printf 'Demo-%s-%s\n' "$person" "$RANDOM" >"$work/secrets/smb-$person"
    chmod 600 "$work/secrets/smb-$person"
  done
  smb_port=$(free_port) http_port=$(free_port)
  truncate -s 2G "$work/disk.img"

  git init -q --bare -b main "$work/storage.git"
  git init -q -b main "$work/repo"
  git -C "$work/repo" remote add origin "$work/storage.git"
  git -C "$work/repo" config user.name 'Ada' && git -C "$work/repo" config user.email ada@example.org
  cp -r "$example/hosts" "$work/repo/"
  write_pool
  cat >"$work/agent.yaml" <<YAML
host: shelf
repository: {url: file://$work/storage.git, branch: main, interval: 1h}
status: {file: $work/status.yaml, branch: nasgitops/status/shelf}
reconcile: {driftInterval: 1m}
http: {listen: 127.0.0.1:$http_port}
stateDirectory: $work/state
hostPaths: {exportsDirectory: $work/exports, sambaDirectory: $work/samba, avahiDirectory: $work/avahi, secretsDirectory: $work/secrets}
YAML
  cat >"$work/samba/smb.conf" <<CONF
[global]
   private dir = $work/samba/private
   lock directory = $work/samba/lock
   state directory = $work/samba/lock
   cache directory = $work/samba/lock
   pid directory = $work/samba/lock
   ncalrpc dir = $work/samba/lock/ncalrpc
   log file = $work/samba/log
   smb ports = $smb_port
   log level = 1
   interfaces = lo
   bind interfaces only = yes
CONF
  # In a process group of its own: when it ends, smbd ends all of its group.
  setsid smbd --foreground --no-process-group --configfile="$work/samba/smb.conf" >"$work/samba/smbd.out" 2>&1 &
  smbd_pid=$!
  echo "$smbd_pid" >"$work/smbd.pid"
}

# The example's pool, on the image file.
write_pool() {
  local disks
  if [ $backend = zfs ]; then disks="vdevs: [{disks: [$work/disk.img]}]"; else disks="devices: [$work/disk.img]"; fi
  cat >"$work/repo/hosts/shelf/pool.yaml" <<YAML
apiVersion: nasgitops.io/v1
kind: Pool
metadata: {name: shelf}
spec:
  backend: $backend
  allowFileVdevs: true
  $disks
  properties: {compression: zstd, atime: "off"}
  mountpoint: $place
YAML
  sed -i "s|mountpoint: /srv/machines|mountpoint: $place-machines|" "$work/repo/hosts/shelf/datasets.yaml"
  [ $backend != zfs ] || sed -i '/nocow/d' "$work/repo/hosts/shelf/datasets.yaml"
}

commit() {
  git -C "$work/repo" add -A
  git -C "$work/repo" commit -q -m "$1"
  git -C "$work/repo" push -q origin HEAD:main
  printf '   $ git commit -m "%s" && git push\n\n' "$1"
}

start_agent() {
  "$nasgitops" agent --config "$work/agent.yaml" >"$work/agent.log" 2>&1 &
  agent_pid=$!
  echo "$agent_pid" >"$work/agent.pid"
}

wake_agent() { kill -HUP "$agent_pid"; }

wait_for() { # what, pattern
  local tip deadline=$((SECONDS + 240))
  tip=$(git -C "$work/repo" rev-parse HEAD)
  until grep -q "^$2: *\"\\{0,1\\}$tip" "$work/status.yaml" 2>/dev/null; do
    kill -0 "$agent_pid" 2>/dev/null || { indent <"$work/agent.log"; die "the agent ended"; }
    if [ $SECONDS -ge $deadline ]; then
      "$nasgitops" status --config "$work/agent.yaml" 2>&1 | indent
      indent <"$work/agent.log"
      die "commit ${tip:0:10} was not $1 within four minutes; above is what the agent says"
    fi
    sleep 0.2
  done
}

wait_for_applied() { wait_for applied lastAppliedCommit; }
wait_for_refused() { wait_for looked\ at lastAttemptedCommit; }

smb_as() { smbclient "//127.0.0.1/$2" -p "$smb_port" -U "$1%$(cat "$work/secrets/smb-$1")" -s "$work/samba/smb.conf" -c "$3" 2>&1; }
smb() {
  printf '   $ smbclient //127.0.0.1/%s -U %s -c "%s"\n' "$2" "$1" "${3//$work\//}"
  if ! smb_as "$@" >"$work/said"; then indent <"$work/said"; die "that should have worked"; fi
  { grep -vE '^(putting|getting) file' "$work/said" || true; } | indent
  echo
}
smb_refused() {
  printf '   $ smbclient //127.0.0.1/%s -U %s -c "%s"\n' "$2" "$1" "${3//$work\//}"
  if smb_as "$@" >"$work/refused"; then indent <"$work/refused"; die "that should have been refused"; fi
  indent <"$work/refused"
  echo
}

snapshot() { # dataset, name
  if [ "$backend" = zfs ]; then show zfs snapshot "$1@$2"; return; fi
  show btrfs subvolume snapshot -r "/run/nasgitops-btrfs/$1/@" "/run/nasgitops-btrfs/$1/@snapshots/$2"
}

# --- the end ----------------------------------------------------------------------------------------------------------

leave() {
  trap - EXIT
  trap '' INT TERM HUP
  if [ -n "$keep" ] && [ "$1" = 0 ]; then
    cat <<TEXT

It goes on running. Its page: http://127.0.0.1:$http_port/
   the repository   $work/repo   (edit, commit, git push origin HEAD:main, and watch)
   the status       $nasgitops status --watch --config $work/agent.yaml
   the shares       smbclient //127.0.0.1/photos -p $smb_port -U 'ada%$(cat "$work/secrets/smb-ada")'
   the end          scripts/demo.sh --end
TEXT
    exit 0
  fi
  [ -z "$work" ] || clean_up
  [ "$1" = 0 ] || echo "demo: it broke off; nothing of it is left on this machine" >&2
  exit "$1"
}

end_kept() {
  [ "$(id -u)" = 0 ] || die "ending it needs root"
  [ -e "$mark" ] || die "no demo runs here"
  { read -r work; read -r backend; } <"$mark"
  agent_pid=$(cat "$work/agent.pid" 2>/dev/null || true)
  smbd_pid=$(cat "$work/smbd.pid" 2>/dev/null || true)
  clean_up
  echo "The demo has ended; nothing of it is left on this machine."
}

end_process() {
  [ -n "$1" ] && kill -0 "$1" 2>/dev/null || return 0
  kill "$1" 2>/dev/null || true
  # The running step ends, and the rest is not begun.
  local n
  for n in $(seq 1 600); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 "$1" 2>/dev/null || true
}

clean_up() {
  local point person loop
  end_process "$agent_pid"
  end_process "$smbd_pid"
  if [ "$backend" = zfs ]; then
    zpool destroy -f shelf 2>/dev/null || true
  else
    for point in $(findmnt -rn -o TARGET | grep -E "^($place|$place-machines|/run/nasgitops-btrfs/shelf)(/|\$)" | sort -r); do umount "$point" 2>/dev/null || umount -l "$point" || true; done
    for loop in $(losetup -n -O NAME -j "$work/disk.img" 2>/dev/null); do losetup -d "$loop" || true; done
    rmdir /run/nasgitops-btrfs/shelf /run/nasgitops-btrfs 2>/dev/null || true
  fi
  rmdir "$place" "$place-machines" 2>/dev/null || true
  # They were not there before; what of them was written went with the pool.
  for person in $people; do if getent passwd "$person" >/dev/null; then userdel "$person" 2>/dev/null || true; fi; done
  if getent group $household >/dev/null; then groupdel $household 2>/dev/null || true; fi
  rm -rf "$work" "$mark"
}

#!/usr/bin/env bash
# The lab: a real NAS (Debian 13, OpenZFS, kernel NFS, Samba) in a virtual machine.
#
#   scripts/lab.sh up            boot a fresh machine (builds its image the first time)
#   scripts/lab.sh ssh [CMD]     a shell in it, or one command
#   scripts/lab.sh copy SRC DST  copy a file or folder into it
#   scripts/lab.sh install       publish nasgitops and install it there;  install-from DIR  installs what is published
#   scripts/lab.sh demo          boot, push the office example, show plan, result and status
#   scripts/lab.sh stop          power off, keeping its disks;  start  boots them again
#   scripts/lab.sh down          end it and throw its disks away
#
# NASGITOPS_LAB_RUN names the folder of one machine (default: run/ in the cache), so several can live side by side.
# NASGITOPS_PUBLISH_DIR names a folder with a published nasgitops that install takes instead of publishing again.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${NASGITOPS_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nasgitops-lab}
run=${NASGITOPS_LAB_RUN:-$cache/run}
disks=8
say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }

running() { [ -f "$run/pid" ] && kill -0 "$(cat "$run/pid")" 2>/dev/null; }

# KVM is used only where a machine has really booted with it: a device node proves nothing.
accelerator() {
  if [ ! -f "$cache/accelerator" ]; then
    local answer=tcg
    if [ -w /dev/kvm ] && kvm_boots; then answer=kvm; fi
    echo "$answer" >"$cache/accelerator"
  fi
  cat "$cache/accelerator"
}

kvm_boots() {
  local log=$cache/kvm-probe.log image
  image=$(cat "$run/image")
  timeout 20 qemu-system-x86_64 -accel kvm -cpu host -m 512 -display none -no-reboot -serial "file:$log" \
    -kernel "$image/vmlinuz" -append "console=ttyS0 panic=-1" >/dev/null 2>&1 || true
  grep -q 'Kernel panic' "$log" 2>/dev/null
}

free_port() {
  python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])' 2>/dev/null \
    || perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen=>1,LocalAddr=>"127.0.0.1")->sockport'
}

# Under plain emulation the kernel sometimes dies in its first seconds, before anything of ours runs; then the machine is started again.
boot() {
  local attempt
  for attempt in 1 2 3; do
    start_machine
    if wait_for_ssh; then return; fi
    grep -q 'Kernel panic' "$run/console.log" || die "the machine ended while booting; its console is $run/console.log"
    say "the emulated kernel died while booting (attempt $attempt); starting it again"
  done
  die "the emulated kernel died three times while booting; its console is $run/console.log"
}

start_machine() {
  local image port cpu arguments=() n
  image=$(cat "$run/image")
  port=$(free_port)
  echo "$port" >"$run/port"
  for n in $(seq 1 $disks); do
    arguments+=(-drive "if=none,id=z$n,file=$run/disk$n.qcow2,format=qcow2,cache=writeback" -device "virtio-blk-pci,drive=z$n,serial=NAS0$n")
  done
  # Without -cx16 the emulator corrupts flags in the kernel's allocator, and ZFS crashes after some minutes.
  case $(accelerator) in
    kvm) arguments+=(-accel kvm -cpu host) ;;
    *) arguments+=(-accel "tcg,thread=multi" -cpu "max,-cx16") ;;
  esac
  # One processor: two emulated ones spend a tenth of their time waiting for each other, and tests run two machines on two cores.
  qemu-system-x86_64 "${arguments[@]}" -smp 1 -m 3072 -nodefaults -display none -no-reboot \
    -kernel "$image/vmlinuz" -initrd "$image/initrd" \
    -append "root=LABEL=nasgitops-lab rw console=ttyS0 quiet mitigations=off net.ifnames=0 panic=-1" \
    -drive "if=none,id=root,file=$run/root.qcow2,format=qcow2,cache=unsafe" -device virtio-blk-pci,drive=root \
    -netdev "user,id=n0,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=n0 -device virtio-rng-pci \
    -serial "file:$run/console.log" -monitor none -pidfile "$run/pid" -daemonize
}

wait_for_ssh() {
  local deadline=$((SECONDS + 240))
  until guest true 2>/dev/null; do
    running || return 1
    [ $SECONDS -lt $deadline ] || die "no SSH after 240 s; the machine's console is $run/console.log"
    sleep 1
  done
}

ssh_options() {
  options=(-i "$(cat "$run/image")/key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
    -o ConnectTimeout=5 -o ServerAliveInterval=10 -o ControlMaster=auto -o ControlPath="$run/ssh-%C" -o ControlPersist=300)
}

guest() { ssh_options; ssh "${options[@]}" -p "$(cat "$run/port")" root@127.0.0.1 "$@"; }
copy() { ssh_options; scp -q -r "${options[@]}" -P "$(cat "$run/port")" "$1" "root@127.0.0.1:$2"; }

up() {
  ! running || die "a machine already runs in $run; 'scripts/lab.sh down' ends it"
  mkdir -p "$run"
  local image n
  image=$("$top/scripts/lab/build-image.sh")
  echo "$image" >"$run/image"
  qemu-img create -q -f qcow2 -b "$image/disk.qcow2" -F qcow2 "$run/root.qcow2"
  for n in $(seq 1 $disks); do qemu-img create -q -f qcow2 "$run/disk$n.qcow2" 1G; done
  boot
}

stop() {
  running || return 0
  local pid deadline=$((SECONDS + 60))
  pid=$(cat "$run/pid")
  guest 'systemctl poweroff' 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.5; done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$run/pid" "$run"/ssh-*
}

down() {
  if running; then kill -9 "$(cat "$run/pid")" 2>/dev/null || true; fi
  rm -rf "$run"
}

publish() {
  dotnet publish "$top/src/NasGitOps/NasGitOps.csproj" -c Release -r linux-x64 --self-contained \
    -p:PublishReadyToRun=true -o "$1" -v quiet --nologo >&2
}

install() {
  if [ -n "${NASGITOPS_PUBLISH_DIR:-}" ]; then install_from "$NASGITOPS_PUBLISH_DIR"; return; fi
  publish "$top/artifacts/publish"
  install_from "$top/artifacts/publish"
}

install_from() {
  guest 'mkdir -p /etc/nasgitops/secrets && chmod 700 /etc/nasgitops/secrets'
  tar -C "$1" -c . | guest 'rm -rf /opt/nasgitops.new && mkdir -p /opt/nasgitops.new && tar -x -C /opt/nasgitops.new --no-same-owner'
  copy "$top/systemd/nasgitops.service" /etc/systemd/system/nasgitops.service
  copy "$top/packaging/zed/nasgitops.sh" /root/zedlet.sh
  guest 'for event in statechange scrub_finish resilver_finish; do install -m 755 /root/zedlet.sh /etc/zfs/zed.d/$event-nasgitops.sh; done; systemctl try-restart zfs-zed'
  guest 'rm -rf /opt/nasgitops && mv /opt/nasgitops.new /opt/nasgitops && ln -sfn /opt/nasgitops/nasgitops /usr/local/bin/nasgitops && systemctl daemon-reload'
}

case ${1:-help} in
  up) up ;;
  start) running || boot ;;
  stop) stop ;;
  down) down ;;
  ssh) shift; guest "$@" ;;
  copy) copy "$2" "$3" ;;
  install) install ;;
  publish) publish "$2" ;;
  install-from) install_from "$2" ;;
  demo) . "$top/scripts/lab/demo.sh" ;;
  *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" ;;
esac

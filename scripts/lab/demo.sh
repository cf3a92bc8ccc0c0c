# shellcheck shell=bash
# Sourced by scripts/lab.sh: the whole product in one go, on a machine that can be thrown away.

step=0
title() { step=$((step + 1)); printf '\n\033[1m%d. %s\033[0m\n' "$step" "$1"; [ $# -lt 2 ] || printf '   %s\n' "${@:2}"; echo; }
[ -t 1 ] || title() { step=$((step + 1)); printf '\n%d. %s\n' "$step" "$1"; [ $# -lt 2 ] || printf '   %s\n' "${@:2}"; echo; }
indent() { sed 's/^/   │ /'; }
show() { printf '   $ %s\n' "$1"; guest "$1" 2>&1 | indent || die "that should have worked"; echo; }
show_refused() { printf '   $ %s\n' "$1"; if guest "$1" 2>&1 | indent; then die "that should have been refused"; fi; echo; }
quietly() { guest "$1" >/dev/null || die "a step of the demo failed: $1"; }

demo_prepare() {
  local secret
  for secret in 'smb-alice Alice-Winter-19' 'smb-bob Bob-Summer-27' 'smb-carol Carol-Autumn-33' 'accounting-key seven-grey-herons-at-dusk'; do
    printf '%s\n' "${secret#* }" | guest "umask 077; cat >/etc/nasgitops/secrets/${secret%% *}"
  done
  guest 'cat >/etc/nasgitops/agent.yaml' <<'YAML'
host: nas1
repository:
  url: file:///srv/git/storage.git
  branch: main
  interval: 10s
status:
  file: /var/lib/nasgitops/status.yaml
  branch: nasgitops/status/nas1
reconcile: {driftInterval: 1m, mode: enforce}
safety: {maxRemovals: 5}
YAML
  quietly 'git config --global user.name "Olga Office"; git config --global user.email olga@office.lan
    test -d /srv/git/storage.git || git init -q --bare -b main /srv/git/storage.git
    test -d /root/storage || git clone -q /srv/git/storage.git /root/storage 2>/dev/null'
  tar -C "$top/examples-repo/office" -c common hosts | guest 'tar -x -C /root/storage --no-same-owner'
}

demo_wait_until_ready() {
  local deadline=$((SECONDS + 300)) tip applied
  tip=$(guest 'git -C /root/storage rev-parse HEAD')
  printf '   waiting for commit %.10s ' "$tip"
  while [ $SECONDS -lt $deadline ]; do
    applied=$(guest "sed -n 's/^lastAppliedCommit: *\"\\{0,1\\}\\([0-9a-f]*\\).*/\\1/p' /var/lib/nasgitops/status.yaml 2>/dev/null" || true)
    if [ "$applied" = "$tip" ]; then echo " applied"; return; fi
    printf '.'
    sleep 3
  done
  echo
  guest 'nasgitops status; journalctl --no-pager -u nasgitops -n 40 -o cat' || true
  die "the commit was not applied within five minutes; above is what the agent says"
}

title "A fresh NAS boots" "Debian 13 with OpenZFS, kernel NFS and Samba in a virtual machine; eight empty disks."
if running; then echo "   it already runs"; else up; fi
show 'uname -r; zfs version | head -n 1; ls /dev/disk/by-id | grep NAS'

title "nasgitops is installed" "One file and one systemd unit. Secrets and agent.yaml belong to the host and are never in Git."
install
demo_prepare
show 'ls -l /usr/local/bin/nasgitops /etc/nasgitops /etc/nasgitops/secrets'

title "Somebody writes what the NAS should be" "It is examples-repo/office: accounts for both hosts in common/, storage for each in hosts/."
show 'cd /root/storage && find common hosts -type f && cat hosts/nas1/shares.yaml'
show 'nasgitops validate /root/storage'

title "git push" "From here on nobody logs in any more to change the NAS."
show 'cd /root/storage && git add -A && git commit -q -m "The office moves in" || true; git push -q origin HEAD:main && git log --oneline'

title "The plan: what a pass would do" "Computed first, shown before anything happens; nothing has been touched yet."
show 'nasgitops plan'

title "The agent makes it so" "systemctl enable --now nasgitops"
quietly 'systemctl enable -q nasgitops && systemctl restart nasgitops'
demo_wait_until_ready

title "What the real tools say"
show 'zpool status -P tank'
show 'zfs list -o name,used,quota,recordsize,compression,encryption,mountpoint -r tank'
show 'exportfs -s'
show 'testparm -s 2>/dev/null | sed -n "/^\[projects\]/,\$p"'

title "Alice writes by NFS, Bob reads by SMB, Carol may not write"
show 'mkdir -p /mnt/demo && mount -t nfs4 10.0.2.15:/tank/projects /mnt/demo && runuser -u alice -- sh -c "echo hello from alice >/mnt/demo/incoming/hello.txt && cp /mnt/demo/incoming/hello.txt /mnt/demo/hello.txt" && ls -l /mnt/demo; umount /mnt/demo'
show "smbclient //127.0.0.1/projects -U 'bob%Bob-Summer-27' -c 'get hello.txt -'"
show_refused "smbclient //127.0.0.1/projects -U 'carol%Carol-Autumn-33' -c 'put /etc/hostname carol.txt'"

title "Somebody meddles by hand" "recordsize is changed and an export withdrawn; the next drift pass mends both."
quietly 'zfs set recordsize=16K tank/projects && exportfs -u 10.0.0.0/16:/tank/projects && systemctl reload nasgitops'
for _ in $(seq 1 60); do
  if guest '[ "$(zfs get -Hp -o value recordsize tank/projects)" = 1048576 ] && exportfs -s | grep -q ^/tank/projects'; then break; fi
  sleep 2
done
show 'zfs get recordsize tank/projects; exportfs -s'

title "The status, on the host and in Git"
show 'nasgitops status'
show 'git -C /srv/git/storage.git log --format="%h %s%n%w(0,4,4)%b" -n 5 nasgitops/status/nas1'

title "Go on yourself"
cat <<EOF
   scripts/lab.sh ssh          a shell on the NAS; the work tree is /root/storage: edit, commit, push, watch
   scripts/lab.sh ssh nasgitops status --watch
   scripts/lab.sh stop|start   power it off and on again: everything comes back
   scripts/lab.sh down         end it and throw its disks away
EOF

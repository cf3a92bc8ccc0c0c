#!/usr/bin/env bash
# Records what this machine's Samba prints, for the parser's tests:
#   scripts/record-samba.sh tests/NasGitOps.Kinds.Tests/Samba/Recorded
# It reads FOLDER/files (what we render) and writes effective-, defaults- and faults-VERSION.txt beside it. Nothing is installed or reloaded.
set -euo pipefail
export LC_ALL=C.UTF-8
folder=$(cd "$1" && pwd)
version=$(testparm --version | sed 's/^Version \([0-9]*\.[0-9]*\).*/\1/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The files include each other below /etc/samba; here they lie in a folder of their own.
for file in "$folder"/files/*.conf; do sed "s|/etc/samba/nasgitops.d/|$work/|" "$file" >"$work/$(basename "$file")"; done
printf '[global]\n   workgroup = WORKGROUP\n\n\n# BEGIN nasgitops\ninclude = %s/nasgitops.conf\n# END nasgitops\n' "$work" >"$work/smb.conf"
testparm -s "$work/smb.conf" 2>/dev/null | sed "s|$work/nasgitops.conf|/etc/samba/nasgitops.conf|; s|$work/|/etc/samba/nasgitops.d/|" >"$folder/effective-$version.txt"

printf '[x]\npath = /a\n' >"$work/bare.conf"
testparm -sv "$work/bare.conf" 2>/dev/null | sed '/^\[x\]/,$d' >"$folder/defaults-$version.txt"

fault() {
  printf '[x]\npath = /a\n%s\n' "$2" >"$work/fault.conf"
  echo "== $1"
  testparm -s "$work/fault.conf" 2>&1 >/dev/null | sed "s|$work|/tmp|" || true
}
{
  fault "sound" 'comment = fine'
  fault "sound: oplocks" 'oplocks = no'
  fault "unknown parameter" 'foo bar = 1'
  fault "no boolean" 'oplocks = maybe'
  fault "no such choice" 'case sensitive = perhaps'
  fault "no octal number" 'create mask = 99999'
  fault "no path" 'path ='
  fault "a global parameter in a share" 'server min protocol = SMB3'
  fault "an open bracket" '[y'
  fault "no name" ' = x'
} >"$folder/faults-$version.txt"
echo "recorded Samba $version in $folder"

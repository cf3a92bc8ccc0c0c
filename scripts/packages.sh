# shellcheck shell=bash
# Sourced by scripts that install what a Debian or Ubuntu machine lacks.

# The packages of a list that are not installed, a line each.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || echo "$package"
  done
}

# What libgit2 is called here; nothing where it is there already.
libgit2_package() {
  if ldconfig -p | grep -q 'libgit2\.so\.1\.'; then return; fi
  local package
  for package in libgit2-1.9 libgit2-1.8 libgit2-1.7 libgit2-1.5; do
    if apt-cache show "$package" >/dev/null 2>&1; then echo "$package"; return; fi
  done
  if [ "$(. /etc/os-release; echo "${VERSION_ID:-}")" = 12 ]; then echo libgit2-1.5; else echo libgit2-1.9; fi
}

# Installs without prompts and starts no servers: log, packages.
install_quietly() {
  local log=$1 policy=/usr/sbin/policy-rc.d made=
  shift
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1; fi
  { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } >>"$log" 2>&1
  local code=$?
  [ -z "$made" ] || rm -f $policy
  return $code
}

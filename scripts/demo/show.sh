# shellcheck shell=bash
# Sourced by scripts/demo.sh: how it tells what it does.

step=0
die() { echo "demo: $*" >&2; exit 1; }
title() { step=$((step + 1)); printf '\n%d. %s\n   %s\n\n' "$step" "$1" "$2"; }
if [ -t 1 ]; then title() { step=$((step + 1)); printf '\n\033[1m%d. %s\033[0m\n   %s\n\n' "$step" "$1" "$2"; }; fi
indent() { sed 's/^/   | /'; }

# The command as a person would type it, without the folders of this run.
typed() {
  local text="$*"
  text=${text//$nasgitops/nasgitops}
  text=${text// --config ${work:-none}\/agent.yaml/}
  [ -z "${work:-}" ] || text=${text//$work\//}
  printf '   $ %s\n' "${text//$top\//}"
}

tell() { typed "$@"; "$@" 2>&1 | indent; echo; }
show() { typed "$@"; "$@" 2>&1 | indent || die "that should have worked"; echo; }
show_failing() { typed "$@"; if "$@" 2>&1 | indent; then die "that should have been refused"; fi; echo; }
show_long() {
  typed "$@"
  "$@" >"$work/long" 2>&1 || { indent <"$work/long"; die "that should have worked"; }
  head -n 24 "$work/long" | indent
  if [ "$(wc -l <"$work/long")" -gt 24 ]; then printf '   | ...\n'; tail -n 1 "$work/long" | indent; fi
  echo
}

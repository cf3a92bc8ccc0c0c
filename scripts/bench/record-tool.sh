#!/bin/sh
# Stands in for a tool under its name: runs the real one, and keeps what it printed for replay-tool.sh.
kept=$(dirname "$0")/../kept/${0##*/}.$(printf '%s\n' "$@" | md5sum | cut -c1-16)
PATH=/usr/sbin:/usr/bin:/sbin:/bin "${0##*/}" "$@" >"$kept.out" 2>"$kept.err"
echo $? >"$kept.code"
echo "${0##*/} $*" >"$kept.command"
cat "$kept.err" >&2
cat "$kept.out"
exit "$(cat "$kept.code")"

#!/usr/bin/env bash
# Builds and proves everything; ends with the line "N passed, N failed, N skipped".
#
#   scripts/test.sh                       everything: checks, unit, integration and lab tests
#   scripts/test.sh unit [FILTER]         decisions: milliseconds each, no effects
#   scripts/test.sh integration [FILTER]  the built program on this machine
#   scripts/test.sh lab [FILTER]          a real NAS in a virtual machine
#   scripts/test.sh checks                formatting, shell scripts, unit file
#
# FILTER is an expression of 'dotnet test --filter', such as Scenario=Smoke or FullyQualifiedName~reboot.
# On a fresh Debian machine with the .NET SDK, as root, it installs what is missing.
set -uo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
part=${1:-all}
filter=${2:-}
case $part in all | checks | unit | integration | lab) ;; *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0"; exit 64 ;; esac
wants() { [ "$part" = all ] || [ "$part" = "$1" ]; }

results=$top/TestResults
rm -rf "$results"
mkdir -p "$results"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DEBIAN_FRONTEND=noninteractive
export PATH=$PATH:/usr/sbin:/sbin
failures=0
say() { printf '\n== %s\n' "$*"; }
problem() { printf 'FAILED: %s\n' "$*" >&2; failures=$((failures + 1)); }

. "$top/scripts/packages.sh"

# --- what the machine lacks -------------------------------------------------------------------------------------------

packages() {
  echo git openssh-client gnupg
  libgit2_package
  if [ "$part" = all ] || [ "$part" = integration ]; then echo samba samba-common-bin samba-vfs-modules smbclient curl prometheus btrfs-progs age; fi
  if wants lab; then echo qemu-system-x86 qemu-utils mmdebstrap; fi
}

install_missing() {
  command -v dpkg >/dev/null || { echo "no Debian: these must be there already: $(packages | tr '\n' ' ')"; return; }
  local missing
  mapfile -t missing < <(missing_packages $(packages))
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "not root, so not installed: ${missing[*]}; tests that need them skip or fail and say so"
    return
  fi
  say "installing ${missing[*]}"
  install_quietly "$results/apt.log" "${missing[@]}" || { tail -n 15 "$results/apt.log" >&2; problem "apt-get install ${missing[*]} (whole log: $results/apt.log)"; }
}

command -v dotnet >/dev/null || { echo "the .NET 10 SDK is not installed: https://dotnet.microsoft.com/download" >&2; exit 1; }
install_missing

# --- the lab's image grows while the fast tests run ------------------------------------------------------------------

image_job=
lab_runs=$(mktemp -d)
export NASGITOPS_LAB_RUNS=$lab_runs
finish() {
  local pid
  [ -z "$image_job" ] || kill "$image_job" 2>/dev/null
  for pid in $(cat "$lab_runs"/*/pid 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
  rm -rf "$lab_runs"
}
trap finish EXIT
trap 'exit 130' INT TERM
if wants lab; then
  if [ "$(id -u)" = 0 ]; then
    bash scripts/lab/build-image.sh >"$results/image" 2>"$results/image.log" &
    image_job=$!
  else
    bash scripts/lab/build-image.sh --cached >"$results/image" 2>/dev/null \
      || export NASGITOPS_SKIP_LAB="building its image needs root; run scripts/test.sh once as root"
  fi
fi

# --- build and checks -------------------------------------------------------------------------------------------------

configuration=Release
say "building ($configuration, warnings are errors)"
if ! dotnet build NasGitOps.sln -c $configuration -warnaserror -v quiet >"$results/build.log" 2>&1; then
  grep -E 'error|warning' "$results/build.log" | sort -u | head -n 40 >&2
  tail -n 3 "$results/build.log" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

checks() {
  say "shell scripts, unit file, formatting"
  local script
  for script in .ci/run $(git ls-files '*.sh' 2>/dev/null || find scripts -name '*.sh'); do
    bash -n "$script" || problem "bash -n $script"
  done
  if command -v systemd-analyze >/dev/null; then
    # Only our own file counts: this machine need not have the servers and the program that it names.
    systemd-analyze verify --recursive-errors=no systemd/nasgitops.service 2>&1 | grep -F 'nasgitops.service:' \
      | grep -v 'is not executable' && problem "systemd-analyze verify systemd/nasgitops.service"
    if systemd-analyze --help 2>/dev/null | grep -q -- --offline; then
      local exposure
      exposure=$(systemd-analyze security --offline=true systemd/nasgitops.service 2>/dev/null | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
      echo "exposure of the unit by systemd-analyze security: ${exposure:-unknown} (to be under 5.0)"
      awk -v e="${exposure:-10}" 'BEGIN { exit !(e < 5.0) }' || problem "systemd-analyze security systemd/nasgitops.service: ${exposure:-no answer}, which is not under 5.0"
    else
      echo "skipped: the exposure of the unit (this systemd-analyze has no --offline; Debian 12 and later have it)"
    fi
  fi
  dotnet format NasGitOps.sln whitespace --no-restore --verify-no-changes >"$results/format.log" 2>&1 \
    && dotnet format NasGitOps.sln style --no-restore --verify-no-changes >>"$results/format.log" 2>&1 \
    || { tail -n 20 "$results/format.log" >&2; problem "dotnet format --verify-no-changes (run 'dotnet format' to mend it)"; }
}

# --- tests ------------------------------------------------------------------------------------------------------------

run_tests() { # project, filter, hang limit, settings of the test runner
  local name arguments=()
  name=$(basename "$(dirname "$1")")
  [ -z "$2" ] || arguments+=(--filter "$2")
  [ $# -lt 4 ] || arguments+=(-- "${@:4}")
  say "$name${2:+ ($2)}"
  dotnet test "$1" -c $configuration --no-build --logger "trx;LogFileName=$name-$RANDOM.trx" --logger "console;verbosity=minimal" \
    --results-directory "$results" --blame-hang-timeout "${3:-5m}" --blame-hang-dump-type none "${arguments[@]}" || failed_projects+=("$name")
}

both() { if [ -n "$1" ] && [ -n "$2" ]; then echo "($1)&($2)"; else echo "$1$2"; fi; }

failed_projects=()
if wants checks; then checks; fi
if wants unit; then
  for project in tests/*.Tests/*.csproj; do run_tests "$project" "$(both 'Category!=Integration&Category!=CommandLine' "$filter")"; done
fi
# Published it starts three times as fast, and the lab needs it so anyhow.
if (wants integration || wants lab) && [ -z "${NASGITOPS_PUBLISH_DIR:-}" ]; then
  say "publishing the program"
  export NASGITOPS_PUBLISH_DIR=$top/artifacts/publish
  bash scripts/lab.sh publish "$NASGITOPS_PUBLISH_DIR" || problem "scripts/lab.sh publish"
fi
if wants integration; then
  for project in tests/*.Tests/*.csproj; do
    if grep -rqE 'Trait\("Category", "(Integration|CommandLine)"\)' "$(dirname "$project")" --include='*.cs'; then
      run_tests "$project" "$(both 'Category=Integration|Category=CommandLine' "$filter")"
    fi
  done
  run_tests tests/NasGitOps.LabTests/NasGitOps.LabTests.csproj "$(both 'Category=CommandLine|Category=Integration' "$filter")"
fi
if wants lab; then
  if [ -n "$image_job" ]; then
    say "the lab's image"
    wait "$image_job" || { cat "$results/image.log" >&2; problem "scripts/lab/build-image.sh"; export NASGITOPS_SKIP_LAB="its image could not be built"; }
    image_job=
  fi
  # A virtual machine waits most of its time: two side by side take little longer than one.
  run_tests tests/NasGitOps.LabTests/NasGitOps.LabTests.csproj "$(both 'Category=Lab' "$filter")" 20m xUnit.ParallelizeTestCollections=true xUnit.MaxParallelThreads=2
fi

# --- the sum ----------------------------------------------------------------------------------------------------------

sum() { # attribute of the trx counters
  grep -ho '<Counters [^>]*' "$results"/*.trx 2>/dev/null | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'
}
passed=$(sum passed)
failed=$(( $(sum failed) + $(sum error) + $(sum timeout) + $(sum aborted) ))
skipped=$(( $(sum total) - passed - failed ))

if [ "$skipped" -gt 0 ]; then
  say "skipped, and why"
  grep -hoE '<Message>[^<]*(no virtual machine|not installed|needs root)[^<]*' "$results"/*.trx | sed 's/<Message>//' | sort | uniq -c
fi
# A run that broke off has no failed test in its file, and must not pass for a good one.
if [ ${#failed_projects[@]} -gt 0 ] && [ "$failed" = 0 ]; then problem "test run of ${failed_projects[*]}"; fi
if [ "$part" != checks ] && [ $((passed + failed)) = 0 ]; then problem "no test ran"; fi
failed=$((failed + failures))
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]

#!/usr/bin/env bash
# Writes the JSON Schemas beside the examples, for editors. A test fails when they are out of date.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dotnet build "$top/src/NasGitOps" -c Release -v quiet --nologo >&2
program=$top/src/NasGitOps/bin/Release/net10.0/nasgitops
for repository in "$top"/examples-repo/*/; do
  mkdir -p "$repository/schemas"
  for kind in $(sed -n 's/^kind: //p' $(find "$repository" -name '*.yaml') | sort -u); do
    "$program" schema "$kind" >"$repository/schemas/${kind,,}.schema.json"
  done
  ls "$repository/schemas"
done

#!/usr/bin/env bash
# What action.yml runs: the suite with the options that its inputs (variables, see there) stand for; then tells the job the
# verdict and where the reports are. Ends as the suite does.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
args=()

# option FLAG VALUE: nothing where there is no value.
option() { [ -z "$2" ] || args+=("$1" "$2"); }

# each FLAG LINES: once for each line that is not empty; without a flag the line itself.
each() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    [ -z "$line" ] || args+=(${1:+"$1"} "$line")
  done <<<"$2"
}

option --target "$TARGET"
if [ "$TARGET" = docker ]; then option --fabric "$FABRIC_VERSION"; else option --fabric-version "$FABRIC_VERSION"; fi
option --peer-image "$PEER_IMAGE"
option --fabric-bin "$FABRIC_BIN"
each --peer "$PEERS"
each --tester "$TESTERS"
option --profile "$PROFILE"
option --baseline "$BASELINE"
option --require "$REQUIRE"
option --min-clauses "$MIN_CLAUSES"
each '' "$OPTIONS"

mkdir -p "$REPORTS" || exit 64
json=$REPORTS/report.json junit=$REPORTS/report.xml tap=$REPORTS/report.tap markdown=$REPORTS/report.md
rm -f "$json" "$junit" "$tap" "$markdown"
node --require "$root/ts-node.cjs" "$root/src/cli/main.ts" conformance "${args[@]}" \
  --json "$json" --junit "$junit" --tap "$tap" --markdown "$markdown"
code=$?

verdict='no verdict'
if [ -f "$json" ]; then
  # Of several versions there is no conclusion but the exit code.
  verdict=$(node -p '
    const { conclusion, exitCode } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    conclusion ?? { 0: "conformant", 1: "not conformant", 2: "cannot tell" }[exitCode] ?? "no verdict"' "$json")
fi

{
  echo "verdict=$verdict"
  echo "exit-code=$code"
  for report in json junit tap markdown; do
    [ ! -f "${!report}" ] || echo "$report=${!report}"
  done
} >>"$GITHUB_OUTPUT"

if [ -f "$markdown" ]; then
  # A summary may have 1 MiB.
  head -c 1000000 "$markdown" >>"$GITHUB_STEP_SUMMARY"
else
  printf '## Fabric gossip conformance\n\n**%s** (exit code %s)\n' "$verdict" "$code" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"

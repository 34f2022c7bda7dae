#!/usr/bin/env bash
# Runs one command of Concordat for the action: annotations and a summary where it answers a question.
set -euo pipefail

if [[ -n "${INPUT_URL:-}" ]]; then export CONCORDAT_URL="$INPUT_URL"; fi
if [[ -n "${INPUT_TOKEN:-}" ]]; then export CONCORDAT_TOKEN="$INPUT_TOKEN"; fi

arguments=()
pass() {
  if [[ -n "$2" ]]; then arguments+=("$1=$2"); fi
}

# An input that the command does not take is an error of the command's own, and not passed over in silence.
pass --config "${INPUT_CONFIG:-}"
pass --service "${INPUT_SERVICE:-}"
pass --to "${INPUT_TO:-}"
pass --against "${INPUT_AGAINST:-}"
pass --branch "${INPUT_BRANCH:-}"

case "$INPUT_COMMAND" in
  check | can-i-deploy)
    arguments+=(--report github)
    pass --report "${GITHUB_STEP_SUMMARY:+markdown=$GITHUB_STEP_SUMMARY}"
    pass --report "${INPUT_SARIF_FILE:+sarif=$INPUT_SARIF_FILE}"
    ;;
  publish | record-deployment | record-release)
    # These annotate nothing, so nothing of what they say, which may be others' words, is a command to the runner.
    silence="concordat-$RANDOM$RANDOM$RANDOM$RANDOM"
    echo "::stop-commands::$silence"
    trap 'echo "::$silence::"' EXIT
    ;;
  *)
    echo "::error::There is no command \"${INPUT_COMMAND//[^a-z-]/?}\": use publish, check, can-i-deploy, record-deployment or record-release."
    exit 2
    ;;
esac
# The working copy has no version yet.
if [[ "$INPUT_COMMAND" != check ]]; then pass --version "${INPUT_VERSION:-}"; fi

read -r -a program <<< "${INPUT_CONCORDAT:-npx --no-install concordat}"
status=0
"${program[@]}" "$INPUT_COMMAND" ${arguments[@]+"${arguments[@]}"} || status=$?

case "$status" in
  0) answer=yes ;;
  3) answer=no ;;
  *) answer='' ;;
esac
if [[ -n "${GITHUB_OUTPUT:-}" ]]; then echo "answer=$answer" >> "$GITHUB_OUTPUT"; fi
exit "$status"

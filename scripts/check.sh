#!/usr/bin/env bash
# Every static check; runs them all and fails at the end if one failed.
set -uo pipefail
cd "$(dirname "$0")/.."

BIN=.venv/bin
# Reading the settings needs a key and a folder; nothing is written there.
export LEADLINE_SECRET_KEY=${LEADLINE_SECRET_KEY:-only-for-static-checks-xxxxxxxxxxxxxxxxxxxx}
export LEADLINE_DATA=${LEADLINE_DATA:-build/check}
unset LEADLINE_DATABASE_URL LEADLINE_EMAIL_URL

failed=()
check() {
    local title=$1
    shift
    local output
    if output=$("$@" 2>&1); then
        echo "ok      $title"
    else
        echo "FAILED  $title"
        echo "$output"
        failed+=("$title")
    fi
}

check "style (ruff)" $BIN/ruff check .
check "layout (ruff format)" $BIN/ruff format --check --quiet .
check "types (mypy strict)" $BIN/mypy
check "layers (import-linter)" $BIN/lint-imports --no-logo
# H015 is about line breaks; H043: a button without a type submits its form, which is what ours do;
# J004, J018: Flask's url_for, which we do not have.
lint=($BIN/djlint --quiet --lint --ignore=H015,H043,J004,J018)
check "templates of our screens (djlint)" "${lint[@]}" --profile=jinja leadline/web/jinja2
check "templates of public pages (djlint)" "${lint[@]}" --profile=jinja leadline/web/public/templates
check "templates of the sign-in pages (djlint)" "${lint[@]}" --profile=django leadline/web/templates
check "migrations are complete" $BIN/python manage.py makemigrations --check --dry-run
check "uv.lock fits pyproject.toml" $BIN/uv lock --check
check "package-lock.json fits package.json" npm ci --dry-run --ignore-scripts --no-audit --no-fund

if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: $(IFS=,; echo "${failed[*]}")"
    exit 1
fi

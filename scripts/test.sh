#!/usr/bin/env bash
# Every test on the embedded SQLite, then verbs, races and parity once more on PostgreSQL.
# Ends by naming the tests that did not run because their data is not on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/tools.sh chromium postgresql
mkdir -p build/tests
rm -f build/tests/*.xml

# Arithmetic and pictures do not depend on the database: once is enough.
same_on_both=(--ignore=tests/lib --ignore=tests/criteria --ignore=tests/architecture
              --ignore=tests/stories)

failed=0
echo "== SQLite"
.venv/bin/python -m pytest -q -n 2 --junitxml=build/tests/sqlite.xml "$@" || failed=1
echo "== PostgreSQL"
.venv/bin/python -m pytest -q -n 2 --postgres -m "not sqlite_only and not browser" \
    "${same_on_both[@]}" --junitxml=build/tests/postgresql.xml "$@" || failed=1

.venv/bin/python scripts/not_run.py build/tests/sqlite.xml build/tests/postgresql.xml
exit $failed

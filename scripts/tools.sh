#!/usr/bin/env bash
# Makes sure that the named Debian packages of the tests are there: tools.sh chromium postgresql
# Installs what is missing when it may (root with apt), otherwise says what to install.
set -euo pipefail

is_there() {
    case $1 in
        chromium) command -v chromium >/dev/null ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing=()
for package in "$@"; do
    is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "leadline: installing for the tests: ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    exit 0
fi
echo "leadline: the tests need ${missing[*]}. Install with: sudo apt-get install ${missing[*]}" >&2
exit 1

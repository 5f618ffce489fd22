#!/usr/bin/env bash
# Makes sure that the named Debian packages of the tests are there: tools.sh chromium postgresql
# Installs what is missing when it may (root with apt), otherwise says what to install.
# tools.sh --if-possible PACKAGE …: what only makes tests quicker; they go on without it.
set -euo pipefail

is_there() {
    case $1 in
        chromium) command -v chromium >/dev/null || command -v chromium-headless-shell >/dev/null ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

install() {
    echo "leadline: installing for the tests: $*" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

needed=1
if [ "$1" = --if-possible ]; then
    needed=0
    shift
fi
missing=()
for package in "$@"; do
    is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    [ "$needed" = 1 ] || { install "${missing[@]}" || true; exit 0; }
    install "${missing[@]}"
elif [ "$needed" = 1 ]; then
    echo "leadline: the tests need ${missing[*]}. Install: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi

#!/usr/bin/env bash
# Sets up everything in .venv and runs the one check command. Arguments go to pytest.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup_venv dev
if ! missing=$(.venv/bin/python -c 'import PySide6.QtWidgets' 2>&1); then
    root=""
    [ "$(id -u)" = 0 ] || root="sudo -n"
    if command -v apt-get >/dev/null && $root true 2>/dev/null; then
        echo "installing the system libraries of the desktop app"
        $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq $(cat requirements/system.txt) >/dev/null
    else
        echo "The desktop app's tests need system libraries (${missing##*Error: })." >&2
        echo "On Debian and Ubuntu: sudo apt-get install $(cat requirements/system.txt)" >&2
        exit 1
    fi
fi
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}" TF_CPP_MIN_LOG_LEVEL=3
exec .venv/bin/python scripts/check.py -- "$@"

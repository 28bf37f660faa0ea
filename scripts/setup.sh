# Sourced by try.sh and test.sh: a virtual environment in .venv with exactly the pinned packages.
# Usage: setup_venv field|dev
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Avistar needs Python 3.11, 3.12 or 3.13. Install it, or name one: PYTHON=/path/to/python3 bash $0" >&2
    exit 1
}

setup_venv() {
    local python
    python=$(find_python)
    if [ ! -x .venv/bin/python ]; then
        "$python" -m venv .venv || {
            echo "Python can't make virtual environments here. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
            exit 1
        }
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$1.txt"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
}

#!/usr/bin/env bash
# Sets Avistar up in .venv and identifies the sample pictures with the default bundle.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
setup_venv field
.venv/bin/avistar identify samples
echo
echo "Your own photos:  .venv/bin/avistar identify FOLDER --out results.csv"
if missing=$(.venv/bin/python -c 'import PySide6.QtWidgets' 2>&1); then
    echo "The desktop app:  .venv/bin/avistar gui samples"
else
    echo "The desktop app needs system libraries (${missing##*Error: })."
    echo "On Debian and Ubuntu: sudo apt-get install $(cat requirements/system.txt)"
    echo "then:  .venv/bin/avistar gui samples"
fi

#!/usr/bin/env bash
# Runs Avistar as a 64-bit ARM computer would: its wheel and the pinned wheels for aarch64, under qemu's user emulation.
#
#   bash scripts/try_arm.sh [PHOTOS]
#
# Identifies the samples, verifies every bundle of models/, runs the unit tests that start no program; with PHOTOS (the
# folder that the default bundle was trained from) also compares its int8 answers to COUNT test photos with those here.
# Needs Debian's or Ubuntu's apt-get, and .venv (bash scripts/test.sh). Nothing is installed: all of it lies in build/arm.
#
#   CPU=cortex-a76        the processor: cortex-a76 is a Raspberry Pi 5's, cortex-a72 a Pi 4's
#   COUNT=160             photos; emulated, each takes ten seconds or more
#   DEBIAN=URL            a mirror of Debian, where this machine's own package sources name none
#   STEPS="samples verify tests photos"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
here=$PWD
work=$here/build/arm
cpu=${CPU:-cortex-a76}
count=${COUNT:-160}
steps=${STEPS:-samples verify tests photos}
# qemu 7.2 crashes in ONNX Runtime; 10 does not.
suite=trixie

missing() { echo "$1" >&2; exit 1; }
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || missing "this script unpacks Debian packages: it needs apt-get and dpkg-deb"
[ -x .venv/bin/python ] || missing ".venv is missing: bash scripts/test.sh makes it"

mirror() {
    local found
    found=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' | sed -n 's/^Debian //p' | grep -v security | sort -u | head -1)
    found=${DEBIAN:-$found}
    [ -n "$found" ] || missing "this machine's package sources name no mirror of Debian: set DEBIAN=URL"
    echo "$found"
}

# An apt of its own: its state, lists and packages stay in build/arm.
apt() {
    local architecture=$1
    shift
    apt-get -q -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt" \
        -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root \
        -o APT::Architecture="$architecture" -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 "$@"
}

fetch_system() {
    [ -e "$work/system.done" ] && return
    echo "fetching qemu and Python for ARM"
    rm -rf "$work/qemu" "$work/system"
    mkdir -p "$work"/apt/lists/partial "$work"/apt/archives/partial "$work/qemu" "$work/system"
    : >"$work/apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $suite main" >"$work/apt/sources.list"
    apt "$(dpkg --print-architecture)" update >"$work/apt.log"
    (cd "$work/apt" && apt "$(dpkg --print-architecture)" download qemu-user >>"$work/apt.log")
    dpkg-deb -x "$work"/apt/qemu-user_*.deb "$work/qemu"
    apt arm64 update >>"$work/apt.log"
    apt arm64 -y --no-install-recommends --download-only install \
        python3:arm64 libgomp1:arm64 libstdc++6:arm64 ca-certificates:all >>"$work/apt.log"
    mkdir -p "$work/system/usr/lib"
    ln -s usr/lib "$work/system/lib" # where packages of a merged /usr expect their loader
    for package in "$work"/apt/archives/*.deb; do dpkg-deb -x "$package" "$work/system"; done
    touch "$work/system.done"
}

# The field's pinned packages but the app's Qt, and what the tests run on, by their hashes.
fetch_wheels() {
    local version platforms=() libc
    version=$(arm -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    for libc in 41 39 38 36 35 34 31 28 27 26 24 17; do platforms+=(--platform "manylinux_2_${libc}_aarch64"); done
    cat requirements/field.txt requirements/dev.txt pyproject.toml | sha256sum >"$work/wanted"
    if ! cmp -s "$work/wanted" "$work/wheels.done"; then
        echo "fetching wheels for aarch64 and Python $version"
        rm -rf "$work/site"
        awk '/^[a-z]/ { keep = $0 !~ /^(pyside6|shiboken6)/ } keep' requirements/field.txt >"$work/requirements.txt"
        awk '/^[a-z]/ { keep = $0 ~ /^(pytest|hypothesis|iniconfig|pluggy|sortedcontainers|packaging|pygments)==/ } keep' \
            requirements/dev.txt >"$work/tests.txt"
        for list in requirements tests; do
            .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade \
                --only-binary :all: --implementation cp --python-version "$version" "${platforms[@]}" \
                --platform manylinux2014_aarch64 --target "$work/site" -r "$work/$list.txt"
        done
        cp "$work/wanted" "$work/wheels.done"
    fi
    rm -rf "$work/wheel" "$work"/site/avistar*
    .venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$work/wheel" .
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target "$work/site" "$work"/wheel/*.whl
}

arm() {
    "$work/qemu/usr/bin/qemu-aarch64" -cpu "$cpu" -L "$work/system" -E PYTHONPATH="$work/site" -E PYTHONDONTWRITEBYTECODE=1 \
        "$work"/system/usr/bin/python3.[0-9]* "$@"
}

avistar() { arm -c 'from avistar.cli.main import run; run()' "$@"; }

decisions() { .venv/bin/python -c 'import csv, sys; [print(r["file"], r["decision"], r["decision_id"]) for r in csv.DictReader(open(sys.argv[1], encoding="utf-8-sig"))]' "$1"; }

try_samples() {
    rm -f "$work/arm.csv" "$work/here.csv"
    avistar identify samples --out "$work/arm.csv"
    .venv/bin/avistar identify samples --out "$work/here.csv" >/dev/null
    diff <(decisions "$work/here.csv") <(decisions "$work/arm.csv") && echo "the same decisions as here"
}

# int8 is what an ARM processor runs; half precision is for GPUs, and takes minutes a picture in emulation.
try_verify() {
    local manifest
    for manifest in models/*/manifest.json; do
        echo "$(dirname "$manifest")"
        avistar export verify "$(dirname "$manifest")" --precision int8
    done
}

# No test that starts a program: an emulated process can't start another emulated one here.
try_tests() {
    (cd "$here" && arm -m pytest -q -p no:cacheprovider -p no:randomly -m 'not gpu and not photos' \
        -o qt_api= --override-ini=addopts= --strict-markers --import-mode=importlib \
        tests/runtime/test_{backends,bundle,classifier,crops,decision,detector,embedding,evaluation,familiarity}.py \
        tests/runtime/test_{geometry,images,int8_overflow,kinship,manifest,results,species,verification}.py)
}

try_photos() {
    local photos=$1 bundle=models/default
    .venv/bin/python benchmarks/other_processor.py answers "$work/here-fp16.npz" --photos "$photos" --count "$count" --precision fp16 --bundle $bundle
    .venv/bin/python benchmarks/other_processor.py answers "$work/here-int8.npz" --photos "$photos" --count "$count" --bundle $bundle
    arm benchmarks/other_processor.py answers "$work/arm-int8.npz" --photos "$photos" --count "$count" --bundle $bundle
    .venv/bin/python benchmarks/other_processor.py compare "$work/here-fp16.npz" "$work/arm-int8.npz" --bundle $bundle
    .venv/bin/python benchmarks/other_processor.py compare "$work/here-int8.npz" "$work/arm-int8.npz" --bundle $bundle
}

fetch_system
fetch_wheels
arm -c 'import platform; print(platform.machine(), "Python", platform.python_version())'
for step in $steps; do
    if [ "$step" != photos ]; then
        "try_$step"
    elif [ $# -gt 0 ]; then
        try_photos "$1"
    fi
done

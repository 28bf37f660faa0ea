from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import Artifact, BundleError, Group, Manifest, Preprocessing, Species
from avistar.manifest import SCHEMA, Calibration, DecisionRule, FileRecord, decode, encode

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
fractions = st.floats(0, 1)
sides = st.integers(1, 4096)
figures = st.dictionaries(words, st.floats(allow_nan=False, allow_infinity=False), max_size=3)
calibrations = st.builds(
    Calibration, temperature=st.floats(0.01, 100), familiarity_floor=st.floats(-1e30, 1e30, allow_nan=False)
)
artifacts = st.builds(
    Artifact,
    format=st.sampled_from(["keras", "onnx", "tensorrt", "tensorrt-rtx"]),
    precision=st.sampled_from(["fp32", "fp16", "int8"]),
    file=words,
    calibration=calibrations,
    batch=st.none() | st.tuples(*[st.integers(1, 64)] * 3),
    built_for=st.dictionaries(words, words, max_size=2),
    parity=st.none() | words,
    accuracy=figures,
)
ids = st.text("abcxyz_", min_size=1, max_size=8)
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    groups = draw(st.lists(st.builds(Group, ids, names, names), min_size=1, max_size=4, unique_by=lambda g: g.id))
    one = st.builds(Species, ids, names, names, names, st.sampled_from([group.id for group in groups]))
    species = draw(st.lists(one, min_size=2, max_size=6, unique_by=lambda s: s.id))
    return Manifest(
        name=draw(words),
        architecture=draw(words),
        species=tuple(species),
        groups=tuple(groups),
        preprocessing=Preprocessing(draw(sides), draw(sides), draw(st.sampled_from(["crop", "stretch"]))),
        artifacts=tuple(draw(st.lists(artifacts, max_size=3))),
        decision=DecisionRule(draw(fractions), draw(fractions), draw(words), draw(st.none() | words)),
        accuracy=draw(figures),
        provenance=draw(st.dictionaries(words, plain, max_size=3)),
        files=draw(st.dictionaries(words, st.builds(FileRecord, words, st.integers(0, 2**60)), max_size=3)),
    )  # fmt: skip


SMALL = Manifest(
    name="small",
    architecture="none",
    species=(
        Species("wolf", "Wolf", "Lobo", "Canis lupus", "canid"),
        Species("seal", "Seal", "Foca", "Phocidae", "sea"),
    ),
    groups=(Group("canid", "canid", "cánido"), Group("sea", "pinniped", "pinnípedo")),
    preprocessing=Preprocessing(32, 32),
    artifacts=(Artifact("onnx", "fp32", "model.onnx", Calibration()),),
)


def altered(**changes: object) -> bytes:
    return json.dumps(json.loads(encode(SMALL)) | changes).encode()


@given(manifests())
def test_a_manifest_survives_being_written_and_read(manifest: Manifest) -> None:
    assert decode(encode(manifest), "here") == manifest


@given(manifests())
def test_equal_manifests_give_equal_bytes(manifest: Manifest) -> None:
    assert encode(manifest) == encode(replace(manifest))


def test_a_newer_schema_says_to_update() -> None:
    with pytest.raises(BundleError, match=r"schema 2, this Avistar reads 1: update Avistar"):
        decode(altered(schema=SCHEMA + 1), "here")


def test_an_older_schema_says_to_export_again() -> None:
    with pytest.raises(BundleError, match="export the bundle again"):
        decode(altered(schema=0), "here")


def test_a_newer_schema_is_named_even_if_the_rest_changed() -> None:
    with pytest.raises(BundleError, match="update Avistar"):
        decode(b'{"schema": 9, "species": "quite another form"}', "here")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 3},
        {"species": "wolf"},
        {"species": []},
        {"species": [{"id": "wolf"}]},
        {"groups": []},
        {"preprocessing": {"width": 0, "height": 32}},
        {"preprocessing": {"width": 32.5, "height": 32}},
        {"preprocessing": {"width": 32, "height": 32, "fit": "squash"}},
        {"artifacts": [{"format": "pickle", "precision": "fp32", "file": "x", "calibration": {}}]},
        {"artifacts": [{"format": "onnx", "precision": "fp32", "file": "x", "calibration": {"temperature": 0}}]},
        {"artifacts": [{"format": "onnx", "precision": "fp32", "file": "x"}]},
        {"files": {"model.onnx": "abc"}},
        {"accuracy": {"top1": "high"}},
        {"schema": "1"},
        {"schema": None},
    ],
    ids=str,
)
def test_a_value_of_the_wrong_type_or_range_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BundleError):
        decode(altered(**changes), "here")


def test_a_species_listed_twice_is_refused() -> None:
    with pytest.raises(BundleError, match="2 species, 1 of them different"):
        replace(SMALL, species=(SMALL.species[0],) * 2)


def test_the_error_names_the_file() -> None:
    with pytest.raises(BundleError, match=r"bundles/mine/manifest\.json"):
        decode(b"no json", "bundles/mine/manifest.json")


def test_of_duplicate_keys_the_last_one_counts() -> None:
    raw = encode(SMALL).replace(b'{\n  "accuracy"', b'{\n  "name": "first",\n  "accuracy"', 1)
    assert decode(raw, "here").name == "small"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused_not_a_crash(opening: bytes) -> None:
    raw = encode(SMALL).replace(b'"provenance": {}', b'"provenance": {"deep": ' + opening * 100_000, 1)
    with pytest.raises(BundleError):
        decode(raw, "here")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_bundle_error(raw: bytes) -> None:
    with pytest.raises(BundleError):
        decode(raw, "here")


@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_gives_a_manifest_or_a_bundle_error(position: int, value: int) -> None:
    raw = bytearray(encode(SMALL))
    raw[position % len(raw)] = value
    with contextlib.suppress(BundleError):
        assert isinstance(decode(bytes(raw), "here"), Manifest)


@pytest.mark.parametrize("id", ["../../evil", "Puma/Cougar", "", "a\x1b[2J"])
def test_an_id_that_could_write_elsewhere_or_steer_a_terminal_is_refused(id: str) -> None:
    raw = encode(SMALL).replace(f'"{SMALL.species[0].id}"'.encode(), json.dumps(id).encode())
    with pytest.raises(BundleError, match=r"manifest\.json is not a manifest: |without an id"):
        decode(raw, "manifest.json")

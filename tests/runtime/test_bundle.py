from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from avistar import BundleError, Classifier, ModelBundle
from avistar.bundle import MANIFEST, MANIFEST_LIMIT_BYTES, commit, default_bundle, draft
from avistar.manifest import FileRecord, encode
from support import tiny_bundle


@pytest.fixture
def rich(tmp_path: Path, bundle: ModelBundle) -> ModelBundle:
    """A bundle with several files, one of them in a sub-folder."""
    with draft(bundle.folder, bundle) as temporary:
        (temporary / "README.md").write_text("a card")
        (temporary / "analysis").mkdir()
        (temporary / "analysis" / "evaluation.json").write_text("{}")
        return commit(temporary, bundle.manifest, bundle.folder)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["model.onnx", "README.md", "analysis/evaluation.json"])
def test_one_flipped_bit_in_any_file_is_found_and_named(rich: ModelBundle, name: str) -> None:
    path = rich.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(BundleError, match=path.name):
        rich.checked(name)
    (problem,) = rich.damaged_files()
    assert path.name in problem


def test_an_altered_network_never_reaches_the_runtime(bundle: ModelBundle) -> None:
    (bundle.folder / "model.onnx").write_bytes(b"something else")
    with pytest.raises(BundleError, match=r"model\.onnx"):
        Classifier.open(bundle.folder, "cpu")


def test_a_missing_file_is_named(rich: ModelBundle) -> None:
    (rich.folder / "README.md").unlink()
    with pytest.raises(BundleError, match=r"README\.md"):
        rich.checked("README.md")


def test_an_intact_bundle_has_no_damaged_files(rich: ModelBundle) -> None:
    assert rich.damaged_files() == []


def test_a_file_that_is_not_listed_is_refused(bundle: ModelBundle) -> None:
    (bundle.folder / "extra.bin").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"lists no file 'extra\.bin'"):
        bundle.checked("extra.bin")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret", "C:secret", "", "."])
def test_a_listed_path_that_points_outside_is_refused(bundle: ModelBundle, name: str) -> None:
    secret = bundle.folder.parent / "secret"
    secret.write_bytes(b"secret")
    record = FileRecord(hashlib.sha256(b"secret").hexdigest(), 6)
    manifest = replace(bundle.manifest, files=bundle.manifest.files | {name: record})
    with pytest.raises(BundleError):
        ModelBundle(bundle.folder, manifest).checked(name)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"is no bundle: it has no manifest\.json"):
        ModelBundle.open(tmp_path)


def test_a_folder_that_is_not_there_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is no bundle"):
        ModelBundle.open(tmp_path / "none")


def test_a_huge_manifest_is_not_parsed(bundle: ModelBundle) -> None:
    (bundle.folder / MANIFEST).write_bytes(b" " * (MANIFEST_LIMIT_BYTES + 1))
    with pytest.raises(BundleError, match="at most"):
        ModelBundle.open(bundle.folder)


def test_an_interrupted_draft_leaves_the_target_and_nothing_else(bundle: ModelBundle) -> None:
    before = snapshot(bundle.folder)

    def interrupted() -> None:
        with draft(bundle.folder, bundle) as temporary:
            (temporary / "model.onnx").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert snapshot(bundle.folder) == before
    assert [path.name for path in bundle.folder.parent.iterdir()] == [bundle.folder.name]


def test_an_interrupted_first_draft_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with draft(tmp_path / "deep" / "new") as temporary:
            (temporary / "model.onnx").write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_commit_replaces_an_earlier_bundle_whole(bundle: ModelBundle) -> None:
    again = tiny_bundle(bundle.folder, name="second")
    assert again.manifest.name == "second"
    assert ModelBundle.open(bundle.folder).damaged_files() == []
    assert [path.name for path in bundle.folder.parent.iterdir()] == [bundle.folder.name]


def test_a_commit_fills_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert tiny_bundle(tmp_path / "empty").damaged_files() == []


@pytest.mark.parametrize("is_file", [True, False])
def test_a_commit_over_something_else_is_refused(tmp_path: Path, is_file: bool) -> None:
    target = tmp_path / "thesis"
    if is_file:
        target.write_text("precious")
    else:
        target.mkdir()
        (target / "thesis.tex").write_text("precious")
    with pytest.raises(BundleError, match="is no bundle: choose another folder"):
        tiny_bundle(target)
    kept = target if is_file else target / "thesis.tex"
    assert kept.read_text() == "precious"


def test_a_commit_that_cannot_be_moved_into_place_leaves_the_earlier_bundle(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(bundle.folder)
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self.name == "bundle" and Path(target) == bundle.folder:
            raise PermissionError(13, "in use")
        return rename(self, target)

    with draft(bundle.folder, bundle) as temporary:
        monkeypatch.setattr(Path, "rename", refusing)
        with pytest.raises(PermissionError):
            commit(temporary, bundle.manifest, bundle.folder)
    assert snapshot(bundle.folder) == before


def test_an_artifact_that_was_never_written_is_refused(bundle: ModelBundle) -> None:
    with draft(bundle.folder, bundle) as temporary:
        (temporary / "model.onnx").unlink()
        with pytest.raises(BundleError, match=r"model\.onnx was never written"):
            commit(temporary, bundle.manifest, bundle.folder)


def test_the_manifest_lists_every_file_with_forward_slashes(rich: ModelBundle) -> None:
    assert set(rich.manifest.files) == {"model.onnx", "README.md", "analysis/evaluation.json"}
    assert (rich.folder / MANIFEST).read_bytes() == encode(rich.manifest)


def test_the_default_bundle_is_the_first_place_that_has_one(
    tmp_path: Path, tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "package", tmp_path / "checkout"]
    (places[0] / "other").mkdir(parents=True)
    tiny_bundle(places[1] / "default")
    monkeypatch.setattr("avistar.bundle.bundle_places", lambda: places)
    assert default_bundle() == places[1] / "default"


def test_no_default_bundle_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.bundle.bundle_places", list)
    with pytest.raises(BundleError, match="--model FOLDER"):
        default_bundle()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on this system")
def test_a_link_in_place_of_a_file_must_still_have_the_listed_content(bundle: ModelBundle, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"other content")
    (bundle.folder / "model.onnx").unlink()
    (bundle.folder / "model.onnx").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="SHA-256 differs"):
        bundle.checked("model.onnx")

"""One trained tiny bundle and one export of it, for the whole session: converting takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avistar import ModelBundle
from export_support import fit_head, publish, split_of, tiny_network, write_photos


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "photos"
    write_photos(folder, 125)
    return folder


@pytest.fixture(scope="session")
def rows(photos: Path) -> list[dict[str, str]]:
    files = sorted(photos.rglob("*.png"))
    return [{"file": f.relative_to(photos).as_posix(), "species": f.parent.name} for f in files]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, photos: Path, rows: list[dict[str, str]]) -> ModelBundle:
    """As training leaves it; not to be altered: use `own` for that."""
    pytest.importorskip("tensorflow", reason="the export extra isn't installed")
    network = tiny_network()
    split = split_of(rows)
    fit_head(network, photos, split["train"])
    return publish(network, tmp_path_factory.mktemp("trained") / "tiny", split)


@pytest.fixture
def own(trained: ModelBundle, tmp_path: Path) -> ModelBundle:
    """A copy of the trained bundle."""
    shutil.copytree(trained.folder, tmp_path / "own")
    return ModelBundle.open(tmp_path / "own")


@pytest.fixture(scope="session")
def exported(trained: ModelBundle, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """The trained bundle with all three ONNX artifacts, the trained network kept; not to be altered."""
    from avistar_export.onnx_export import Export, ExportPlan

    target = tmp_path_factory.mktemp("exported") / "tiny"
    plan = ExportPlan(trained.folder, photos, ("fp32", "fp16", "int8"), out=target)
    return Export(plan, lambda what, done, total: None, lambda line: None).run()

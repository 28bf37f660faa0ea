"""The model repository for Triton, read by Triton's own schema where its client is installed."""

import hashlib
from dataclasses import replace

import pytest
from typer.testing import CliRunner

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

from avistar import ModelBundle
from avistar.errors import UsageError
from avistar.manifest import Artifact, Calibration
from avistar_export.cli import app
from avistar_export.triton import configuration, write_repository


@pytest.fixture
def repository(exported, tmp_path):
    write_repository(exported, tmp_path / "repository", lambda line: None)
    return tmp_path / "repository"


def parsed(text):
    schema = pytest.importorskip("tritonclient.grpc.model_config_pb2", reason="tritonclient isn't installed")
    text_format = pytest.importorskip("google.protobuf.text_format")
    return text_format.Parse(text, schema.ModelConfig()), schema


def test_every_onnx_file_becomes_a_model_with_its_labels(exported, repository):
    folders = sorted(path.name for path in repository.iterdir())
    assert folders == ["tiny_onnx_fp16", "tiny_onnx_fp32", "tiny_onnx_int8"]
    for precision in ("fp16", "fp32", "int8"):
        folder = repository / f"tiny_onnx_{precision}"
        shipped = exported.checked(exported.artifact("onnx", precision).file)
        assert hashlib.sha256((folder / "1" / "model.onnx").read_bytes()).digest() == hashlib.sha256(shipped).digest()
        assert (folder / "labels.txt").read_text("utf-8").split() == [s.id for s in exported.manifest.species]


def test_triton_s_own_schema_reads_the_configuration(exported, repository):
    config, schema = parsed((repository / "tiny_onnx_fp16" / "config.pbtxt").read_text("utf-8"))
    assert (config.name, config.backend, config.max_batch_size) == ("tiny_onnx_fp16", "onnxruntime", 32)
    (image,) = config.input
    assert (image.name, image.data_type, list(image.dims)) == ("image", schema.TYPE_UINT8, [32, 32, 3])
    outputs = {output.name: (list(output.dims), output.label_filename) for output in config.output}
    assert outputs == {"logits": ([4], "labels.txt"), "embedding": ([12], "")}
    assert list(config.dynamic_batching.preferred_batch_size) == [8, 32]
    assert [warm.batch_size for warm in config.model_warmup] == [1, 8, 32]
    temperature = config.parameters["temperature"].string_value
    assert float(temperature) == pytest.approx(exported.artifact("onnx", "fp16").calibration.temperature, rel=1e-4)


def test_an_engine_is_served_with_the_batches_of_its_profile(exported):
    engine = Artifact("tensorrt", "fp16", "model.fp16.onnx", Calibration(), (1, 4, 16))
    config, _ = parsed(configuration(exported, engine, "an engine", 12))
    assert (config.backend, config.max_batch_size) == ("tensorrt", 16)
    assert list(config.dynamic_batching.preferred_batch_size) == [4, 16]


def test_a_second_run_replaces_its_own_models_and_nothing_else(exported, repository):
    before = (repository / "tiny_onnx_fp16" / "config.pbtxt").read_text("utf-8")
    write_repository(exported, repository, lambda line: None)
    assert (repository / "tiny_onnx_fp16" / "config.pbtxt").read_text("utf-8") == before
    assert len(list(repository.iterdir())) == 3
    (repository / "tiny_onnx_fp16" / "config.pbtxt").write_text('name: "somebody else\'s"', "utf-8")
    with pytest.raises(UsageError, match="was not written by Avistar"):
        write_repository(exported, repository, lambda line: None)


def test_a_bundle_with_nothing_to_serve_is_a_usage_error(trained, exported, tmp_path):
    result = CliRunner().invoke(app, ["triton", str(trained.folder), str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "avistar export onnx" in result.output
    alone = replace(exported.manifest, artifacts=(Artifact("tensorrt", "fp16", "x", Calibration(), (1, 4, 16)),))
    with pytest.raises(UsageError, match="embedding's width"):
        write_repository(ModelBundle(exported.folder, alone), tmp_path / "out", lambda line: None)


def test_the_command_lists_what_it_wrote(exported, tmp_path):
    result = CliRunner().invoke(app, ["triton", str(exported.folder), str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "tiny_onnx_int8" in result.output

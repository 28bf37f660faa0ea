"""What a program that embeds Avistar relies on: threads, silence, and streams that end when they are left."""

from __future__ import annotations

import os
import socket
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avistar import Classifier, ModelBundle
from support import encoded, picture


def threads_of_streams() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("avistar")]


def test_one_classifier_serves_streams_and_single_calls_of_many_threads(classifier: Classifier) -> None:
    pictures = [encoded(picture(seed)) for seed in range(24)]
    expected = [classifier.identify(data).top(1)[0] for data in pictures]
    start = threading.Barrier(6)

    def streamed(shift: int) -> bool:
        start.wait(30)
        turned = pictures[shift:] + pictures[:shift]
        answers = list(classifier.stream(turned, batch=3, workers=2))
        found = [answer.top(1)[0] for answer in answers[len(turned) - shift :] + answers[: len(turned) - shift]]
        return all(a.species == b.species for a, b in zip(found, expected, strict=True))

    def single(shift: int) -> bool:
        start.wait(30)
        order = range(shift, shift + len(pictures))
        return all(classifier.identify(pictures[i % 24]).top(1)[0].species == expected[i % 24].species for i in order)

    with ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(streamed, shift) for shift in (0, 5, 11)]
        calls += [pool.submit(single, shift) for shift in (3, 7, 13)]
        assert all(call.result(60) for call in calls)


def test_a_stream_takes_paths_bytes_images_and_arrays_together(classifier: Classifier, tmp_path: Path) -> None:
    image = picture(1)
    path = tmp_path / "one.png"
    path.write_bytes(encoded(image, "PNG"))
    sources = [path, str(path), encoded(image, "PNG"), image, np.asarray(image)]
    answers = list(classifier.stream(sources, batch=2))
    assert [answer.source for answer in answers] == [str(path), str(path), "", "", ""]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer.probabilities, answers[0].probabilities, atol=1e-6)


@pytest.mark.parametrize("way", ["close", "forget", "error"])
def test_a_stream_that_is_left_early_leaves_no_thread(classifier: Classifier, way: str) -> None:
    def endless() -> Iterator[Image.Image]:
        while True:
            yield picture(1)

    stream = classifier.stream(endless(), batch=2)
    next(stream)
    if way == "close":
        stream.close()
    elif way == "error":
        with pytest.raises(ZeroDivisionError):
            stream.throw(ZeroDivisionError())
    del stream
    assert threads_of_streams() == []


def test_nothing_is_printed_written_asked_or_changed(
    tiny: ModelBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(tmp_path)
    before = (dict(os.environ), Image.MAX_IMAGE_PIXELS, list(warnings.filters), np.geterr(), threading.active_count())
    with Classifier.open(tiny.folder, threads=1) as classifier:
        odd = [b"", b"<html>", encoded(picture(1))[:300], Image.new("F", (20, 20)), picture(1)]
        classifier.identify_many(odd)
        assert classifier.info.bundle == "tiny"
    after = (dict(os.environ), Image.MAX_IMAGE_PIXELS, list(warnings.filters), np.geterr(), threading.active_count())
    assert after == before
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert resources.files("avistar").joinpath("py.typed").is_file()

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from avistar import AsyncClassifier, BackendUnavailable, Classifier, FunctionBackend, ModelBundle, Outputs, UsageError
from avistar.manifest import Calibration
from support import encoded, picture


def by_brightness(images: np.ndarray) -> Outputs:
    """The species whose index is the picture's mean brightness."""
    logits = np.zeros((len(images), 30), np.float32)
    logits[np.arange(len(images)), images.mean(axis=(1, 2, 3)).astype(int) % 30] = 20
    return Outputs(logits, np.zeros((len(images), 4), np.float32))


def grey(level: int) -> np.ndarray:
    return np.full((32, 32, 3), level, np.uint8)


class Gate:
    """A backend's function that waits for `opened`, and remembers the size of each batch."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self.batches: list[int] = []

    def __call__(self, images: np.ndarray) -> Outputs:
        self.batches.append(len(images))
        self.entered.set()
        assert self.opened.wait(30)
        return by_brightness(images)


def made_of(tiny: ModelBundle, function: Callable[[np.ndarray], Outputs]) -> Classifier:
    return Classifier(tiny, FunctionBackend(function, "a fake"), Calibration())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


def test_answers_are_those_of_the_plain_form(tiny: ModelBundle, classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(picture(1)))

    async def work() -> None:
        async with await AsyncClassifier.open(tiny.folder, "cpu", threads=1) as asynchronous:
            answer = await asynchronous.identify(path)
            missing = await asynchronous.identify(tmp_path / "none.jpg")
        plain = classifier.identify(path)
        np.testing.assert_allclose(answer.probabilities, plain.probabilities, atol=1e-6)
        assert (answer.source, answer.decision) == (plain.source, plain.decision)
        assert missing.failure is not None

    asyncio.run(work())


def test_calls_that_wait_together_share_a_batch_and_get_their_own_answers(tiny: ModelBundle) -> None:
    gate = Gate()

    async def work() -> None:
        async with AsyncClassifier(made_of(tiny, gate), batch=4) as asynchronous:
            calls = [asyncio.create_task(asynchronous.identify(grey(0)))]
            await until(gate.entered.is_set)
            calls += [asyncio.create_task(asynchronous.identify(grey(level))) for level in range(1, 10)]
            await until(lambda: len(asynchronous._queue) == 9)
            gate.opened.set()
            answers = await asyncio.gather(*calls)
        assert [answer.top(1)[0].species for answer in answers] == list(tiny.manifest.species[:10])

    asyncio.run(work())
    assert gate.batches == [1, 4, 4, 1]


def test_the_event_loop_goes_on_while_the_network_works(tiny: ModelBundle) -> None:
    gate = Gate()

    async def work() -> None:
        async with AsyncClassifier(made_of(tiny, gate)) as asynchronous:
            call = asyncio.create_task(asynchronous.identify(grey(1)))
            await until(gate.entered.is_set)
            await asyncio.sleep(0)  # would never be reached if the network ran in this thread
            assert not call.done()
            gate.opened.set()
            await call

    asyncio.run(work())


def test_a_cancelled_call_leaves_and_the_others_are_answered(tiny: ModelBundle) -> None:
    gate = Gate()

    async def work() -> None:
        async with AsyncClassifier(made_of(tiny, gate), batch=4) as asynchronous:
            first = asyncio.create_task(asynchronous.identify(grey(0)))
            await until(gate.entered.is_set)
            second, third = (asyncio.create_task(asynchronous.identify(grey(level))) for level in (1, 2))
            await until(lambda: len(asynchronous._queue) == 2)
            second.cancel()
            first.cancel()
            await until(lambda: asynchronous.calls == 1)
            gate.opened.set()
            assert (await third).top(1)[0].species == tiny.manifest.species[2]
            with pytest.raises(asyncio.CancelledError):
                await second

    asyncio.run(work())
    assert gate.batches == [1, 1]


def test_no_more_calls_are_worked_on_than_may_wait(tiny: ModelBundle) -> None:
    gate = Gate()

    async def work() -> None:
        async with AsyncClassifier(made_of(tiny, gate), batch=2, waiting=3) as asynchronous:
            calls = [asyncio.create_task(asynchronous.identify(grey(level))) for level in range(8)]
            await until(gate.entered.is_set)
            await until(lambda: asynchronous.calls == 8)
            await asyncio.sleep(0.02)
            assert len(asynchronous._queue) + gate.batches[0] <= 3
            gate.opened.set()
            answers = await asyncio.gather(*calls)
        assert [answer.top(1)[0].species for answer in answers] == list(tiny.manifest.species[:8])

    asyncio.run(work())


def test_a_stream_keeps_the_order_and_takes_no_more_than_two_batches_ahead(tiny: ModelBundle) -> None:
    taken = 0

    def pictures() -> Iterator[np.ndarray | bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"broken" if taken == 3 else grey(taken % 30)

    async def work() -> None:
        async with AsyncClassifier(made_of(tiny, by_brightness), batch=4) as asynchronous:
            async with aclosing(asynchronous.stream(pictures())) as stream:
                count = 0
                async for answer in stream:
                    count += 1
                    if count == 3:
                        assert answer.failure is not None
                    else:
                        assert answer.top(1)[0].species == tiny.manifest.species[count % 30]
                    assert taken <= count + 8
                    if count == 40:
                        break
            assert asynchronous.calls == 0

    asyncio.run(work())


def test_a_stream_takes_pictures_that_come_asynchronously(tiny: ModelBundle) -> None:
    async def pictures() -> AsyncIterator[np.ndarray]:
        for level in range(5):
            await asyncio.sleep(0)
            yield grey(level)

    async def work() -> list[str]:
        async with AsyncClassifier(made_of(tiny, by_brightness)) as asynchronous:
            return [answer.top(1)[0].species.id async for answer in asynchronous.stream(pictures())]

    assert asyncio.run(work()) == [species.id for species in tiny.manifest.species[:5]]


def test_an_error_of_the_backend_reaches_every_caller_and_the_next_call_is_tried_anew(tiny: ModelBundle) -> None:
    fails = True

    def lost(images: np.ndarray) -> Outputs:
        if fails:
            raise BackendUnavailable("the device is gone")
        return by_brightness(images)

    async def work() -> None:
        nonlocal fails
        async with AsyncClassifier(made_of(tiny, lost)) as asynchronous:
            found = await asyncio.gather(*(asynchronous.identify(grey(1)) for _ in range(5)), return_exceptions=True)
            assert all(isinstance(one, BackendUnavailable) for one in found)
            fails = False
            assert (await asynchronous.identify(grey(1))).failure is None

    asyncio.run(work())


def test_closing_answers_those_who_wait_refuses_the_next_and_leaves_no_thread(tiny: ModelBundle) -> None:
    gate = Gate()

    async def work() -> None:
        asynchronous = AsyncClassifier(made_of(tiny, gate))
        call = asyncio.create_task(asynchronous.identify(grey(4)))
        await until(gate.entered.is_set)
        closing = asyncio.create_task(asynchronous.aclose())
        await asyncio.sleep(0)
        with pytest.raises(BackendUnavailable, match="was closed"):
            await asynchronous.identify(grey(1))
        gate.opened.set()
        assert (await call).failure is None
        await closing
        await asynchronous.aclose()

    asyncio.run(work())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("avistar-d", "avistar-n"))]


@pytest.mark.parametrize("settings", [{"batch": 0}, {"waiting": 0}, {"decoders": 0}])
def test_a_limit_of_none_is_a_usage_error(tiny: ModelBundle, settings: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        AsyncClassifier(made_of(tiny, by_brightness), **settings)

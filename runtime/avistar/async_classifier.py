"""`Classifier` for asyncio: the event loop never waits, and calls that wait together share a batch."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Self

from avistar.backends.factory import Device
from avistar.classifier import Classifier
from avistar.errors import BackendUnavailable, UsageError
from avistar.identification import Identification, PreparedPicture
from avistar.images.geometry import Source
from avistar.manifest import Precision
from avistar.parallel import usable_cpus


class AsyncClassifier:
    """Identifies pictures from one event loop, decoding and inference in threads of its own.

    Calls that arrive while the network is busy are answered together, up to `batch` at once; nothing waits for
    company. At most `waiting` calls are worked on, later ones wait for a place. Closing it closes `classifier`.
    """

    def __init__(
        self, classifier: Classifier, *, batch: int = 8, waiting: int = 64, decoders: int | None = None
    ) -> None:
        decoders = max(2, usable_cpus()) if decoders is None else decoders
        if min(batch, waiting, decoders) < 1:
            raise UsageError(
                "batch ({batch}), waiting ({waiting}) and decoders ({decoders}) must be at least 1",
                batch=batch,
                waiting=waiting,
                decoders=decoders,
            )
        self.classifier = classifier
        self._batch = batch
        self._places = asyncio.Semaphore(waiting)
        self._decoders = ThreadPoolExecutor(decoders, thread_name_prefix="avistar-decode")
        self._network = ThreadPoolExecutor(1, thread_name_prefix="avistar-network")
        self._queue: deque[tuple[PreparedPicture, asyncio.Future[Identification]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._calls = 0
        self._idle = asyncio.Event()
        self._closed = False

    @classmethod
    async def open(
        cls,
        folder: str | os.PathLike[str] | None = None,
        device: Device = "auto",
        *,
        precision: Precision | None = None,
        threads: int | None = None,
    ) -> Self:
        """Open a bundle without holding up the event loop.

        Args:
            folder: The bundle's folder; None for the one that ships with Avistar.
            device: As in `Classifier.open`.
            precision: "fp32", "fp16" or "int8"; None for the best that the bundle has for the device.
            threads: CPU threads of inference, 1 or more; None for every CPU that the process may use.

        Returns:
            An asynchronous classifier that owns the opened one.

        Raises:
            BundleError: As `Classifier.open`.
            BackendUnavailable: As `Classifier.open`.
            UsageError: As `Classifier.open`.
        """
        return cls(await asyncio.to_thread(Classifier.open, folder, device, precision=precision, threads=threads))

    @property
    def calls(self) -> int:
        """Calls of `identify` that are not yet answered."""
        return self._calls

    async def identify(self, picture: Source) -> Identification:
        """Identify one picture; calls that wait at the same time share a batch.

        Args:
            picture: As `Classifier.identify` takes it.

        Returns:
            The answer; one with `failure` set for a picture that cannot be read. A cancelled call leaves the queue at
            once.

        Raises:
            BackendUnavailable: This classifier was closed, or its device was lost.
        """
        if self._closed:
            raise BackendUnavailable("this classifier was closed")
        self._calls += 1
        try:
            async with self._places:
                loop = asyncio.get_running_loop()
                prepared = await loop.run_in_executor(self._decoders, self.classifier.prepare, picture)
                return await self._answer(prepared)
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    async def stream(self, pictures: Iterable[Source] | AsyncIterable[Source]) -> AsyncGenerator[Identification, None]:
        """Identify pictures lazily, in order, with at most two batches taken ahead.

        Args:
            pictures: A plain iterable is advanced on the event loop: give an asynchronous one where the next picture
                must be waited for.

        Yields:
            The n-th answer belongs to the n-th picture, failures included. To stop early, leave the loop and `aclose()`
            the stream.

        Raises:
            BackendUnavailable: This classifier was closed, or its device was lost.
        """
        coming: deque[asyncio.Task[Identification]] = deque()
        try:
            async for picture in _each(pictures):
                coming.append(asyncio.create_task(self.identify(picture)))
                if len(coming) == 2 * self._batch:
                    yield await coming.popleft()
            while coming:
                yield await coming.popleft()
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)

    async def aclose(self) -> None:
        """Refuse new calls, answer those that wait, and free threads and backend. Safe to call twice."""
        self._closed = True
        while self._calls:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.to_thread(self._free)

    def _free(self) -> None:
        self._decoders.shutdown()
        self._network.shutdown()
        self.classifier.close()

    async def _answer(self, prepared: PreparedPicture) -> Identification:
        answer: asyncio.Future[Identification] = asyncio.get_running_loop().create_future()
        self._queue.append((prepared, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        """Take what waits, as one batch, until nothing does."""
        while self._queue:
            taken = [self._queue.popleft() for _ in range(min(self._batch, len(self._queue)))]
            wanted = [(prepared, answer) for prepared, answer in taken if not answer.cancelled()]
            if wanted:
                await self._run([prepared for prepared, _ in wanted], [answer for _, answer in wanted])

    async def _run(
        self, prepared: Sequence[PreparedPicture], answers: Sequence[asyncio.Future[Identification]]
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._network, self.classifier.answer, prepared)
        except BaseException as error:  # also a cancellation, as when the event loop ends
            for answer in answers:
                with suppress(asyncio.InvalidStateError):
                    answer.set_exception(error) if isinstance(error, Exception) else answer.cancel()
            if not isinstance(error, Exception):
                raise
            return
        for answer, identification in zip(answers, found, strict=True):
            if not answer.done():  # cancelled while the network worked
                answer.set_result(identification)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _each(pictures: Iterable[Source] | AsyncIterable[Source]) -> AsyncIterator[Source]:
    if isinstance(pictures, AsyncIterable):
        async for picture in pictures:
            yield picture
    else:
        for picture in pictures:
            yield picture

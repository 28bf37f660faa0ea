"""One window for each person: a second start hands its paths to the first and ends.

Over a local socket that only this user may open. What comes in is data from another program: it is read
within bounds, and anything but the expected shape is dropped.
"""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

PATIENCE_MS = 1000
LIMIT_BYTES = 4_000_000
"""A request is one line; tens of thousands of paths fit."""


class OpenRequest(msgspec.Struct, frozen=True):
    """What another start asks of the first one: photos and folders to open, a bundle's folder or None."""

    paths: tuple[str, ...] = ()
    model: str | None = None


def server_name(user: str | None = None) -> str:
    """The socket's name, one for each user of the machine."""
    return "avistar-" + hashlib.sha256((user or getpass.getuser()).encode()).hexdigest()[:16]


class SingleInstance(QObject):
    """Either hands a `OpenRequest` to the instance that runs already, or listens and says what others `asked`."""

    asked = Signal(object)  # Request

    def __init__(self, name: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name or server_name()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def hand_over(self, paths: Sequence[str] = (), model: str | None = None) -> bool:
        """Whether another instance runs and took the request."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        socket.write(QByteArray(msgspec.json.encode(OpenRequest(tuple(paths), model)) + b"\n"))
        # The first one answers when it has read all: a hung one must not swallow the request.
        taken = socket.waitForBytesWritten(PATIENCE_MS) and socket.waitForReadyRead(PATIENCE_MS)
        socket.disconnectFromServer()
        return taken

    def listen(self) -> bool:
        """Be the one that others find; the socket of an instance that crashed is taken over."""
        if self._server.listen(self._name):
            return True
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def finish(self) -> None:
        """Let another instance be the first."""
        self._server.close()

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            received = bytearray()
            socket.readyRead.connect(lambda socket=socket, received=received: self._read(socket, received))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket, received: bytearray) -> None:
        received += socket.readAll().data()
        if b"\n" not in received and len(received) <= LIMIT_BYTES:
            return
        try:
            request = msgspec.json.decode(bytes(received), type=OpenRequest)
        except msgspec.MsgspecError:
            socket.abort()
            return
        socket.write(QByteArray(b"taken\n"))
        socket.flush()
        self.asked.emit(request)

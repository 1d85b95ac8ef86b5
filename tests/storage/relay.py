"""A relay in front of a database server, which can be cut, or fall silent as a hung server does."""

import contextlib
import socket
from threading import Event, Thread


class Relay:
    """Passes bytes on between clients and a server at (host, port)."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._open: list[socket.socket] = []
        self._passing = Event()
        self._passing.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._listen()

    def _listen(self) -> None:
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passing.wait()
                target.sendall(data)
        _close(source)
        _close(target)

    def cut(self) -> None:
        """Close all connections and take no new ones."""
        _close(self._listener)
        for each in self._open:
            _close(each)
        self._open.clear()

    def restore(self) -> None:
        """Take connections again, on the same port."""
        self._passing.set()
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listen()

    def fall_silent(self) -> None:
        """Take everything and answer nothing."""
        self._passing.clear()

    def close(self) -> None:
        """End."""
        self.cut()
        self._passing.set()


def _close(each: socket.socket) -> None:
    # Closing alone does not wake a thread that waits for it.
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()

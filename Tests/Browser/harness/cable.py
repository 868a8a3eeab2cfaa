"""The network between a browser and a node, as a TCP relay whose plug can be pulled."""

import contextlib
import enum
import socket
import struct
import threading


class State(enum.Enum):
    """PULLED: silence, as when the plug is out; nobody is told. CUT: connections break and new ones are refused at once.
    ANSWER_LOST: the next POST arrives, but instead of its answer comes the cut."""

    WHOLE = enum.auto()
    PULLED = enum.auto()
    CUT = enum.auto()
    ANSWER_LOST = enum.auto()


class Cable:
    def __init__(self, node):
        self._node = node
        self._changed = threading.Condition()
        self._state = State.WHOLE
        self._sockets_held = False
        self._lost = b""
        self._lines = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    # ---- what a test does to it

    def pull(self):
        self._become(State.PULLED)

    def cut(self):
        self._become(State.CUT)

    def lose_the_next_answer(self, path=""):
        """Of the next write to such a path."""
        self._lost = path.encode()
        self._become(State.ANSWER_LOST)

    def mend(self):
        self._become(State.WHOLE)

    def lead_to(self, node):
        """New connections go there, as a load balancer's do."""
        self._node = node

    def hold_sockets(self):
        """WebSockets stay open, but what the node says on them waits: a slow network, not a broken one."""
        with self._changed:
            self._sockets_held = True

    def release_sockets(self):
        with self._changed:
            self._sockets_held = False
            self._changed.notify_all()

    def close(self):
        self.release_sockets()
        self.cut()
        self._listener.close()

    # ---- how it works

    def _become(self, state):
        with self._changed:
            # What was said into the silence is lost, and TCP gives up.
            ended = list(self._lines) if state is State.CUT or self._state is State.PULLED else []
            self._state = state
            self._changed.notify_all()
        for line in ended:
            line.abort()

    def _accept(self):
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            if self._state is State.CUT:
                _abort(browser)
                continue
            threading.Thread(target=self._connect, args=(browser,), daemon=True).start()

    def _connect(self, browser):
        with self._changed:
            self._changed.wait_for(lambda: self._state is not State.PULLED)
            state = self._state
        try:
            if state is State.CUT:
                raise ConnectionRefusedError
            node = socket.create_connection(("127.0.0.1", self._node.port), timeout=5)
            node.settimeout(None)
        except OSError:
            _abort(browser)
            return
        for end in (browser, node):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = _Line(browser, node)
        with self._changed:
            self._lines.add(line)
        threading.Thread(target=self._relay_to_node, args=(line,), daemon=True).start()
        self._relay_to_browser(line)

    def _relay_to_node(self, line):
        with contextlib.suppress(OSError):
            while data := line.browser.recv(65536):
                line.is_socket = line.is_socket or b"upgrade: websocket" in data.lower()
                line.is_doomed = line.is_doomed or (self._state is State.ANSWER_LOST and self._is_lost(data))
                if self._state is State.PULLED:
                    continue
                line.node.sendall(data)
        self._end(line)

    def _is_lost(self, data):
        target = data.partition(b"\r\n")[0]
        return target.startswith(b"POST ") and self._lost in target

    def _relay_to_browser(self, line):
        with contextlib.suppress(OSError):
            while data := line.node.recv(65536):
                with self._changed:
                    self._changed.wait_for(lambda: not (self._sockets_held and line.is_socket))
                    state = self._state
                if state is State.PULLED:
                    continue
                if line.is_doomed:
                    self.cut()
                    return
                line.browser.sendall(data)
        self._end(line)

    def _end(self, line):
        line.close()
        with self._changed:
            self._lines.discard(line)


class _Line:
    """One connection: the browser's end and the node's."""

    def __init__(self, browser, node):
        self.browser = browser
        self.node = node
        self.is_socket = False
        self.is_doomed = False

    def close(self):
        for end in (self.browser, self.node):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def abort(self):
        _abort(self.browser)
        _abort(self.node)


def _abort(end):
    """Ends a connection with a reset, in the eyes of whoever reads it elsewhere too."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()

"""Somebody who goes on writing while nodes die."""

import itertools
import json
import secrets
import threading
import time
import urllib.error
import urllib.request


class Writer:
    def __init__(self, nodes, token):
        self._nodes = itertools.cycle(nodes)
        self._token = token
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = None
        #: The ids of the clients that were made, in the order of the answers.
        self.ids = []

    def start(self):
        self._thread = threading.Thread(target=self._write_on, daemon=True)
        self._thread.start()

    def await_more(self, count, seconds=30):
        """Until that many more were acknowledged."""
        with self._changed:
            wanted = len(self.ids) + count
            assert self._changed.wait_for(lambda: len(self.ids) >= wanted, seconds), "nothing is written any more"

    def stop(self):
        self._stopped.set()
        if self._thread:
            self._thread.join(60)

    def write(self):
        """One client, certainly: an answer that is lost is asked for again under the same key."""
        key, body = secrets.token_hex(12), json.dumps({"firstName": f"Клієнт {len(self.ids) + 1}"}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        deadline = time.monotonic() + 60
        for node in self._nodes:
            request = urllib.request.Request(f"{node.url}/api/v1/clients", body, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    made = json.load(answer)["id"]
                break
            except urllib.error.HTTPError as error:
                assert error.code in (409, 503), f"{error.code}: {error.read().decode()}"
            except OSError:
                pass
            assert time.monotonic() < deadline, "no node has taken it for a minute"
            self._stopped.wait(0.05)
        with self._changed:
            self.ids.append(made)
            self._changed.notify_all()
        return made

    def _write_on(self):
        while not self._stopped.is_set():
            self.write()
            self._stopped.wait(0.01)

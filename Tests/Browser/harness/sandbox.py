"""The Telegram sandbox as a process of its own, and what people do in it."""

import json
import os
import queue
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

from harness.stack import ROOT

BINARY = os.environ.get("SANDBOX_BINARY") or ROOT / ".build/debug/TelegramSandbox"
OKSANA, IRYNA, YEVHEN, STRANGER, TOM = range(5_000_000_001, 5_000_000_006)
GROUP = -1_009_000_000_001

# The machine itself is asked without a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Sandbox:
    token = "7000000001:sandbox-token-of-nobody"
    username = "adelante_sandbox_bot"

    def __init__(self, *options):
        self._process = subprocess.Popen(
            [BINARY, "--port", "0", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.url = re.search(r"http://\S+(?=/ )", self._first_line()).group()

    @property
    def settings(self):
        """What makes a node use it, and its telephone."""
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_BOT_USERNAME": self.username,
            "TELEGRAM_REGISTRATION": "open",
            "TELEGRAM_API_BASE": self.url,
            "TELEGRAM_LINK_BASE": self.url,
        }

    def _first_line(self, seconds=20):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=seconds)
        except queue.Empty:
            line = ""
        if "is ready" not in line:
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {line!r}")
        return line

    def stop(self):
        """Asks it to end; how it did."""
        self._process.terminate()
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process.stdout.close()

    # ---- people

    def link(self, start):
        return f"{self.url}/{self.username}?start={start}"

    def open(self, person, start=None, **more):
        return self.act("open", person=person, **({"start": start} if start is not None else {}), **more)

    def write(self, person, text, **more):
        return self.act("write", person=person, text=text, **more)

    def tap(self, person, button=0, timeout=20, **more):
        """The answer of the bot."""
        return self.act("tap", person=person, button=button, timeout=timeout, **more)

    def forge(self, person, message, data, **more):
        return self.act("forge", person=person, message=message, data=data, **more)

    def messages(self, chat):
        return self._ask(f"/sandbox/messages?chat={chat}")["messages"]

    # ---- the bot

    def calls(self, after=0, method=None, timeout=20):
        """What the bot has asked for after that number, waited for if need be."""
        which = f"&method={method}" if method else ""
        return self._ask(f"/sandbox/calls?after={after}&timeout={timeout}{which}")["calls"]

    @property
    def last_call(self):
        return self._ask("/sandbox/calls?after=1000000000")["last"]

    def await_state(self, condition, seconds=20):
        """Waits for a change after which the condition holds; the sandbox tells of each."""
        deadline = time.monotonic() + seconds
        state = self._ask("/sandbox/state")
        while not condition(state):
            if time.monotonic() > deadline:
                raise TimeoutError(f"it never came about: {state}")
            state = self._ask(f"/sandbox/state?timeout=1&after={state['version']}")
        return state

    def await_listener(self):
        """Until a bot waits for updates."""
        return self.await_state(lambda state: state["listening"])

    def act(self, action, **body):
        return self._ask(f"/sandbox/{action}", body)

    def _ask(self, path, body=None):
        request = urllib.request.Request(f"{self.url}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with _OPENER.open(request, timeout=90) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode()) from None

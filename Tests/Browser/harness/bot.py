"""The other end of the telephone: a bot that a test plays by hand."""

import json
import urllib.error
import urllib.request


class Bot:
    def __init__(self, sandbox):
        self._base = f"{sandbox.url}/bot{sandbox.token}"
        self._offset = 0
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, **parameters):
        """The answer, be it a refusal."""
        body = json.dumps(parameters).encode()
        request = urllib.request.Request(f"{self._base}/{method}", body, {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def updates(self):
        """What has happened since the last time; waits until something has."""
        updates = self.call("getUpdates", offset=self._offset, timeout=20)["result"]
        self._offset = updates[-1]["update_id"] + 1
        return updates

    def send(self, chat, text, keys=None):
        """Sends HTML, with buttons if there are some; the message."""
        markup = {"reply_markup": {"inline_keyboard": keys}} if keys else {}
        return self.call("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **markup)["result"]

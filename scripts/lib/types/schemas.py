"""The JSON Schemas of Protocol/schemas and the frames that asyncapi.yaml lists."""

import re
from pathlib import Path

import yaml


class _CoreLoader(yaml.SafeLoader):
    """YAML 1.2: only true and false are booleans, and a date is a text."""


_CoreLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class Schemas:
    """Every definition by its key `file#Name`, such as `appointment.yaml#Appointment`."""

    def __init__(self, protocol):
        self._asyncapi = _load(protocol / "asyncapi.yaml")
        self.definitions = {
            f"{path.name}#{name}": schema
            for path in sorted((protocol / "schemas").glob("*.yaml"))
            for name, schema in _load(path).get("$defs", {}).items()
        }

    def resolve(self, reference, origin):
        """The key that a `$ref` in the definition `origin` means."""
        path, _, pointer = reference.partition("#")
        name = pointer.removeprefix("/$defs/")
        key = f"{Path(path).name or origin.partition('#')[0]}#{name}"
        if key not in self.definitions:
            raise SystemExit(f"{origin} refers to {reference}, which is nowhere")
        return key

    def frames(self):
        """The keys of commands, replies and events, in asyncapi.yaml's order. What is called `word:word` is an event, be it
        also the reply to a command; the other replies that come unasked are none."""
        operations = self._asyncapi["operations"].values()
        commands, replies, sent = [], [], []
        for operation in operations:
            (commands if operation["action"] == "receive" else sent).extend(self._payloads(operation))
            replies.extend(self._payloads(operation.get("reply", {})))
        events = [key for key in dict.fromkeys(sent) if key not in replies or ":" in self._type_of(key)]
        return list(dict.fromkeys(commands)), list(dict.fromkeys(replies)), events

    def _type_of(self, key):
        """The frame's `type`."""
        schema = self.definitions[key]
        for part in (schema, *schema.get("allOf", [])):
            kind = part.get("properties", {}).get("type", {})
            if "const" in kind or "enum" in kind:
                return kind.get("const") or kind["enum"][0]
        return ""

    def _payloads(self, part):
        for message in part.get("messages", []):
            payload = self._at(self._at(message)).get("payload")
            yield self.resolve(payload["$ref"], "asyncapi.yaml#")

    def _at(self, node):
        """What a reference within asyncapi.yaml means; what is none means itself."""
        while "$ref" in node:
            target = self._asyncapi
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node


def _load(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_CoreLoader) or {}

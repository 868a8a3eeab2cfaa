"""JSON Schema as TypeScript: what a program may rely on when it reads, not every rule for what it sends."""

import json
import re
import textwrap

WIDTH = 126
#: Names that say nothing without their file, or that JavaScript has: `Status` of telegram.yaml is `TelegramStatus`.
VAGUE = {"Status", "Type", "Fields", "Meta", "Error", "Event", "Date", "Record", "Map", "Set"}
_PREFIXED = re.compile(r"\^([a-z]+:)")


class TypeScript:
    def __init__(self, schemas, taken=()):
        """`taken`: the names of what is declared by hand beside it."""
        self._schemas = schemas
        self._taken = set(taken)
        self._commands, self._replies, self._events = schemas.frames()
        self._names = self._choose_names()

    # ---- the whole

    def render(self):
        frames = set(self._commands + self._replies + self._events)
        values = [key for key in self._schemas.definitions if key not in frames and not self._is_list_of_frames(key)]
        parts = [
            ("What the interface speaks of", [self._declaration(key) for key in values]),
            ("Commands", [self._declaration(key) for key in self._commands]),
            ("Replies", [self._declaration(key) for key in self._replies if key not in self._events]),
            ("Events", [self._declaration(key) for key in self._events]),
            (
                "All of them",
                [
                    self._union("ClientCommand", "What a client may send.", self._commands),
                    self._union("ServerReply", "What the server answers, and says unasked of subscriptions.", self._replies),
                    self._union("ServerEvent", "Narrow it by `type`.", self._events),
                ],
            ),
        ]
        return "\n\n".join(f"// ---- {title}\n\n" + "\n\n".join(declarations) for title, declarations in parts) + "\n"

    def _choose_names(self):
        names = {key: _frame_name(key, "Command") for key in self._commands}
        names |= {key: _frame_name(key, "Reply") for key in self._replies}
        names |= {key: _frame_name(key, "Event") for key in self._events}
        rest = [key for key in self._schemas.definitions if key not in names]
        plain = [key.partition("#")[2] for key in rest]
        for key in rest:
            file, _, name = key.partition("#")
            prefix = "".join(word.capitalize() for word in re.split(r"\W", file.removesuffix(".yaml")))
            is_vague = name in VAGUE | self._taken or plain.count(name) > 1 or name in names.values()
            if is_vague:
                name = f"{name}Body" if name == prefix else prefix + name
            names[key] = name
        chosen = [*names.values(), *self._taken]
        double = [name for name in chosen if chosen.count(name) > 1]
        if double:
            raise SystemExit(f"two schemas would both be called {sorted(set(double))}")
        return names

    def _is_list_of_frames(self, key):
        """`Command`, `Reply`, `Event`, `ServerFrame`: asyncapi.yaml's own lists take their place."""
        members = self._schemas.definitions[key].get("oneOf", [])
        frames = self._commands + self._replies + self._events
        keys = [self._schemas.resolve(member["$ref"], key) for member in members if "$ref" in member]
        return bool(keys) and all(member in frames or self._is_list_of_frames(member) for member in keys)

    def _union(self, name, description, keys):
        return f"{_comment(description)}export type {name} =\n" + "\n".join(f"  | {self._names[key]}" for key in keys) + ";"

    # ---- one definition

    def _declaration(self, key):
        schema = self._schemas.definitions[key]
        head = _comment(schema.get("description"))
        merged = self._merged(schema, key)
        if merged is not None:
            return f"{head}export interface {self._names[key]} {self._object(merged, '')}"
        return f"{head}export type {self._names[key]} = {self._type(schema, key, '')};"

    def _merged(self, schema, key):
        """Properties and what is required of an object, also of one that is made of several; None for anything else.

        Properties come as (schema, the definition that it stands in)."""
        if "$ref" in schema and set(schema) <= {"$ref", "description"}:
            target = self._schemas.resolve(schema["$ref"], key)
            return self._merged(self._schemas.definitions[target], target)
        own = schema.get("properties")
        if own is None and "allOf" not in schema and "required" not in schema:
            return None
        # Which of several properties must be there is not said here: that only matters to whoever sends it.
        if any(set(rule) != {"required"} for word in ("anyOf", "oneOf") for rule in schema.get(word, [])):
            return None
        properties, required = {}, set()
        for part in schema.get("allOf", []):
            merged = self._merged(part, key)
            if merged is None:
                return None
            properties |= merged[0]
            required |= merged[1]
        properties |= {name: (member, key) for name, member in (own or {}).items()}
        return properties, required | set(schema.get("required", []))

    def _object(self, merged, indent):
        properties, required = merged
        if not properties:
            return "{}"
        inner = indent + "  "
        lines = []
        for name, (schema, origin) in properties.items():
            optional = "" if name in required else "?"
            label = name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else json.dumps(name)
            lines.append(_comment(schema.get("description"), inner))
            lines.append(f"{inner}{label}{optional}: {self._type(schema, origin, inner)};\n")
        return "{\n" + "".join(lines) + indent + "}"

    def _type(self, schema, key, indent):
        if "$ref" in schema:
            return self._names[self._schemas.resolve(schema["$ref"], key)]
        if "const" in schema:
            return json.dumps(schema["const"], ensure_ascii=False)
        if "enum" in schema:
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
        merged = self._merged(schema, key)
        if merged is not None:
            return self._object(merged, indent)
        for word, joint in (("allOf", " & "), ("anyOf", " | "), ("oneOf", " | ")):
            if word in schema:
                return joint.join(dict.fromkeys(self._member(part, key, indent, joint) for part in schema[word]))
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        return " | ".join(dict.fromkeys(self._plain(kind, schema, key, indent) for kind in kinds)) or "unknown"

    def _member(self, part, key, indent, joint):
        text = self._type(part, key, indent)
        return f"({text})" if joint == " & " and "|" in text and not text.startswith("{") else text

    def _plain(self, kind, schema, key, indent):
        if kind == "array":
            items = self._type(schema["items"], key, indent) if "items" in schema else "unknown"
            return f"({items})[]" if "|" in items or "&" in items else f"{items}[]"
        if kind == "object":
            more = schema.get("additionalProperties")
            return f"Record<string, {self._type(more, key, indent) if isinstance(more, dict) else 'unknown'}>"
        if kind == "string":
            prefix = _PREFIXED.match(schema.get("pattern", ""))
            return f"`{prefix.group(1)}${{string}}`" if prefix else "string"
        return {"integer": "number"}.get(kind, kind)


def _frame_name(key, kind):
    name = key.partition("#")[2]
    return name if name.endswith(kind) else name + kind


def _comment(text, indent=""):
    if not text:
        return ""
    text = " ".join(text.replace("*/", "* /").split())
    if len(indent) + len(text) + 7 <= WIDTH:
        return f"{indent}/** {text} */\n"
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3, break_long_words=False, break_on_hyphens=False)
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"

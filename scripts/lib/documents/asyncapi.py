"""The structure of an AsyncAPI 3.0 document, as far as ours goes. (The official schema is in no package that we could install.)

A member that the specification does not name is refused, so that nothing is left unread in silence."""

import re

_DEFINITION = {
    # object: member -> whether it is required
    "document": {"asyncapi": True, "id": False, "info": True, "servers": False, "defaultContentType": False, "channels": False,
                 "operations": False, "components": False},
    "info": {"title": True, "version": True, "description": False, "termsOfService": False, "contact": False, "license": False,
             "tags": False, "externalDocs": False},
    "server": {"host": True, "protocol": True, "protocolVersion": False, "pathname": False, "description": False, "title": False,
               "summary": False, "variables": False, "security": False, "tags": False, "externalDocs": False, "bindings": False},
    "channel": {"address": False, "messages": False, "title": False, "summary": False, "description": False, "servers": False,
                "parameters": False, "tags": False, "externalDocs": False, "bindings": False},
    "operation": {"action": True, "channel": True, "title": False, "summary": False, "description": False, "security": False,
                  "tags": False, "externalDocs": False, "bindings": False, "traits": False, "messages": False, "reply": False},
    "reply": {"address": False, "channel": False, "messages": False},
    "message": {"headers": False, "payload": False, "correlationId": False, "contentType": False, "name": False, "title": False,
                "summary": False, "description": False, "tags": False, "externalDocs": False, "bindings": False, "examples": False,
                "traits": False},
    "components": {"schemas": False, "servers": False, "channels": False, "operations": False, "messages": False,
                   "securitySchemes": False, "serverVariables": False, "parameters": False, "correlationIds": False, "replies": False,
                   "replyAddresses": False, "externalDocs": False, "tags": False, "operationTraits": False, "messageTraits": False,
                   "serverBindings": False, "channelBindings": False, "operationBindings": False, "messageBindings": False},
    "ws": {"method": False, "query": False, "headers": False, "bindingVersion": False},
}  # fmt: skip
_SCHEMES = {"userPassword", "apiKey", "X509", "symmetricEncryption", "asymmetricEncryption", "httpApiKey", "http", "oauth2",
            "openIdConnect", "plain", "scramSha256", "scramSha512", "gssapi"}  # fmt: skip
_NAME = re.compile(r"[\w.\-]+")


def asyncapi(document):
    """What is not as AsyncAPI 3.0 has it, a line each."""
    yield from _members("document", document, "")
    if document.get("asyncapi") != "3.0.0":
        yield "asyncapi is not 3.0.0"
    yield from _members("info", document["info"], "info")
    components = document.get("components", {})
    yield from _members("components", components, "components")
    for kind, entries in components.items():
        yield from (f"components/{kind}: {name} is no name" for name in entries if not _NAME.fullmatch(name))
    yield from _references(document, document, "")
    for name, server in document.get("servers", {}).items():
        yield from _members("server", server, f"servers/{name}")
    for name, scheme in components.get("securitySchemes", {}).items():
        if scheme.get("type") not in _SCHEMES:
            yield f"securitySchemes/{name}: an unknown type"
    for name, message in components.get("messages", {}).items():
        yield from _members("message", message, f"messages/{name}")
    for name, channel in document.get("channels", {}).items():
        place = f"channels/{name}"
        yield from _members("channel", channel, place)
        if "ws" in channel.get("bindings", {}):
            yield from _members("ws", channel["bindings"]["ws"], f"{place}/ws")
            for part in ("query", "headers"):
                if channel["bindings"]["ws"].get(part, {}).get("type") != "object":
                    yield f"{place}/ws/{part}: an object with properties"
    used = set()
    for name, operation in document.get("operations", {}).items():
        place = f"operations/{name}"
        yield from _members("operation", operation, place)
        if operation.get("action") not in ("send", "receive"):
            yield f"{place}: send or receive"
        for part in (operation, operation.get("reply", {})):
            channel = part.get("channel", {}).get("$ref", "")
            if part and not re.fullmatch(r"#/channels/[^/]+", channel):
                yield f"{place}: its channel is one of the document's"
            for message in part.get("messages", []):
                # By the specification they are references into the operation's own channel.
                if not message.get("$ref", "").startswith(f"{channel}/messages/"):
                    yield f"{place}: {message} is no message of its channel"
                used.add(message.get("$ref"))
        if "reply" in operation:
            yield from _members("reply", operation["reply"], f"{place}/reply")
    for name, channel in document.get("channels", {}).items():
        for message in channel.get("messages", {}):
            if f"#/channels/{name}/messages/{message}" not in used:
                yield f"{message} is in no operation"


def _members(kind, value, place):
    definition = _DEFINITION[kind]
    if not isinstance(value, dict):
        yield f"{place}: no object"
        return
    for name in value:
        if name not in definition and not name.startswith("x-"):
            yield f"{place}: {name} is unknown"
    for name, is_required in definition.items():
        if is_required and name not in value:
            yield f"{place}: {name} is missing"


def _references(document, node, place):
    if isinstance(node, list):
        for index, element in enumerate(node):
            yield from _references(document, element, f"{place}/{index}")
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            target = document
            for step in reference.removeprefix("#/").split("/"):
                target = target.get(step.replace("~1", "/").replace("~0", "~"), None) if isinstance(target, dict) else None
            if target is None or not reference.startswith("#/"):
                yield f"{place}: {reference} leads nowhere"
        for name, member in node.items():
            yield from _references(document, member, f"{place}/{name}")

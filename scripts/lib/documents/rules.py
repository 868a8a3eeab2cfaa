"""What OpenAPI leaves open and we do not."""

METHODS = {"get", "put", "post", "delete", "patch"}


def openapi(document):
    """What is not as it should be, a line each."""
    tags = {tag["name"] for tag in document["tags"]}
    names = set()
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            place = f"{method.upper()} {path}"
            if operation["operationId"] in names:
                yield f"{place}: a second {operation['operationId']}"
            names.add(operation["operationId"])
            if len(operation.get("tags", [])) != 1 or operation["tags"][0] not in tags:
                yield f"{place}: one tag of those that are described"
            if not operation.get("summary") or operation["summary"].endswith("."):
                yield f"{place}: a summary without a full stop"
            if "x-permission" not in operation:
                yield f"{place}: no x-permission"
            parameters = [_at(document, one) for one in item.get("parameters", []) + operation.get("parameters", [])]
            if {part for part in path.split("/") if part.startswith("{")} != {f"{{{one['name']}}}" for one in parameters if one["in"] == "path"}:
                yield f"{place}: the path's parameters"
            for parameter in parameters:
                if parameter["in"] == "query" and not parameter.get("required") and not parameter.get("allowEmptyValue"):
                    yield f"{place}: {parameter['name']} may be empty, which is as good as absent"
            if method == "get" and "requestBody" in operation:
                yield f"{place}: a GET with a body"
            for status, answer in operation["responses"].items():
                answer = _at(document, answer)
                if status in ("204", "304") and "content" in answer:
                    yield f"{place} {status}: has no body"
                if status >= "400" and status != "503" and _schema(answer) != "#/components/schemas/Error":
                    yield f"{place} {status}: the body of errors"
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and set(schema.get("required", [])) - schema.get("properties", {}).keys() and "properties" in schema:
            yield f"{name}: requires what it does not describe"


def _at(document, node):
    while "$ref" in node:
        target = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _schema(answer):
    return answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref")

"""What scripts/documents does; see there."""

import sys
import tempfile
from pathlib import Path

import bundled
import jsonschema
import openapi_spec_validator
import yaml
from asyncapi import asyncapi
from rules import openapi

ROOT = Path(__file__).resolve().parents[3]
PROTOCOL = ROOT / "Protocol"


def main():
    found = []
    for file in sorted((PROTOCOL / "schemas").glob("*.yaml")):
        for name, schema in yaml.safe_load(file.read_text())["$defs"].items():
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                found.append(f"{file.name}, {name}: {error.message}")
    with tempfile.TemporaryDirectory() as folder:
        documents = bundled.read(ROOT, Path(folder))
    for error in openapi_spec_validator.OpenAPIV31SpecValidator(documents["openapi"]).iter_errors():
        found.append(f"openapi: {'/'.join(map(str, error.absolute_path))}: {error.message}")
    found += [f"openapi: {text}" for text in openapi(documents["openapi"])]
    found += [f"asyncapi: {text}" for text in asyncapi(documents["asyncapi"])]
    for line in found:
        print(line)
    operations = sum(len(item) - ("parameters" in item) for item in documents["openapi"]["paths"].values())
    messages = len(documents["asyncapi"]["components"]["messages"])
    schemas = len(documents["openapi"]["components"]["schemas"])
    print(f"openapi.yaml: {operations} operations, {schemas} schemas; asyncapi.yaml: {messages} messages; {len(found)} findings")
    return 1 if found else 0


sys.exit(main())

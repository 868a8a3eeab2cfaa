"""The documents as a build bundles them, with JSON and YAML compared."""

import json
import re
import subprocess

import yaml


def read(root, folder):
    """By name, as JSON has them."""
    output = folder / "BundledDocuments.swift"
    tool = next((root / ".build" / "debug" / name for name in ("ProtocolBundler-tool", "ProtocolBundler")
                 if (root / ".build" / "debug" / name).exists()), None)
    if tool is None:
        raise SystemExit("ProtocolBundler is not built: run 'swift build' first")
    subprocess.run([tool, root / "Protocol", output], check=True)
    texts = {name: text for name, _, text in re.findall(r'static let (\w+) = (#+)"""\n(.*?)\n"""\2\n', output.read_text(), re.S)}
    documents = {}
    for name in ("openapi", "asyncapi"):
        documents[name] = json.loads(texts[f"{name}JSON"])
        if _plain(yaml.safe_load(texts[f"{name}YAML"])) != documents[name]:
            raise SystemExit(f"{name}.yaml and {name}.json differ")
    return documents


def _plain(value):
    """With every key a text, and dates as they were written: what JSON has."""
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(element) for element in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)

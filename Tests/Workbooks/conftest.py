"""Workbooks of the server's, and workbooks of other programs', against two nodes."""

import os
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Browser"))

import pytest  # noqa: E402
from desk import Desk  # noqa: E402
from harness.stack import Stack  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    stack = Stack()
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def desk(stack):
    """The owner of a new salon."""
    return Desk.of_new_salon(stack)


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory):
    """`libreoffice(path, kind)`: the file as LibreOffice Calc, without a window, writes it again: csv, xlsx, xls or ods."""
    profile = tmp_path_factory.mktemp("libreoffice")
    kinds = {
        # Commas, double quotes, UTF-8.
        "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false",
        "xlsx": "xlsx:Calc MS Excel 2007 XML",
        "xls": "xls:MS Excel 97",
        "ods": "ods",
    }

    def convert(path, kind):
        folder = path.parent / f"as-{kind}"
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
        command += ["--convert-to", kinds[kind], "--outdir", folder, path]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
        )
        made = folder / f"{path.stem}.{kind}"
        assert made.exists(), f"soffice wrote no {kind}: {done.stdout}"
        return made

    return convert

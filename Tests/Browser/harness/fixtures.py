"""What the tests in a browser and those of the examples' clients both need; a conftest imports what it uses."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from .sandbox import Sandbox


@pytest.fixture(scope="session")
def telegram():
    """The sandbox whose bot the nodes are."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        pytest.fail("Chromium is missing: scripts/setup test installs it")
    # Root has no sandbox; nothing but our own pages is opened.
    arguments = ["--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()

"""One JupyterLab and one Chromium for all; each notebook has its own page and kernel."""

import os
import shutil

import fewer_runs
import lab_server
import pytest
from book import WIDTHS
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The notebooks as a learner has them, in a copy that a page may save to."""
    copy = tmp_path_factory.mktemp("course") / "notebooks"
    shutil.copytree(lab_server.ROOT / "notebooks", copy, ignore=shutil.ignore_patterns("src", ".*"))
    fewer_runs.shorten(copy)
    shutil.rmtree(lab_server.ARTEFACTS, ignore_errors=True)
    return copy


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=list(lab_server.CHROMIUM_FLAGS),
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter(folder):
    with lab_server.server(folder) as (address, token):
        yield address, token


@pytest.fixture(scope="session")
def new_page(chromium):
    """A function: a page that knows nothing of the others."""
    size = {"width": WIDTHS[0], "height": 1000}
    return lambda: chromium.new_context(viewport=size).new_page()


@pytest.fixture
def page(new_page):
    opened = new_page()
    yield opened
    opened.context.close()

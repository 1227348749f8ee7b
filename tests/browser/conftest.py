"""One JupyterLab and one Chromium for all; each test has its own page and kernel."""

import os
import shutil

import lab
import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The notebooks as a learner has them, in a copy that a page may save to."""
    copy = tmp_path_factory.mktemp("course") / "notebooks"
    shutil.copytree(lab.ROOT / "notebooks", copy, ignore=shutil.ignore_patterns("src", ".*"))
    shutil.rmtree(lab.ARTEFACTS, ignore_errors=True)
    return copy


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=list(lab.CHROMIUM_FLAGS),
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter(folder):
    with lab.server(folder) as (address, token):
        yield address, token


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": lab.WIDTHS[0], "height": 1000})
    yield context.new_page()
    context.close()

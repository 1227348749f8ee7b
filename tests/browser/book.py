"""A notebook open in a page, run from top to bottom; and what it holds that can be moved."""

import json
import re
import urllib.parse
from collections import Counter
from pathlib import Path

from lab_server import ARTEFACTS
from playwright.sync_api import ConsoleMessage, Locator, Page
from scripts import ALL_RAN, CONTRAST, ERRORS, KERNEL_IDLE, MARK_CELLS, NOTEBOOK, STICKS_OUT

RUN_TIMEOUT_MS = 900_000
WIDTHS = (1400, 800)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# JupyterLab's server failed at what it was asked for: files, settings. No widget asks it anything.
SERVER_FAILED = re.compile(r"/(lab/)?api/\S*: Failed to load resource: .* status of 5\d\d")

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
FILM = "rl-film"
SLIDERS = "[role=slider], input[type=range]"

# How many things to press or move each stored model shows.
SHOWN_AS = {
    "FloatSliderModel": {"sliders": 1},
    "IntSliderModel": {"sliders": 1},
    "ButtonModel": {"buttons": 1},
    "TextModel": {"fields": 1},
}


class Book:
    """A notebook open in a page, run from top to bottom."""

    def __init__(self, page: Page, address: str, token: str, path: Path):
        self.page, self.stem, self.stored = page, path.stem, json.loads(path.read_text())
        self.said: list[str] = []
        self.server_said: list[str] = []  # Jupyter's own failures, which no widget of ours causes
        page.on("pageerror", lambda error: self.said.append(f"page error: {error}"))
        page.on("console", self._hear)
        place = f"lab/workspaces/{path.stem}/tree/{path.name}"  # two may be open at once
        page.goto(f"{address}/{place}?token={token}&reset", wait_until="commit")
        page.wait_for_selector(".jp-Notebook", timeout=120_000)
        page.wait_for_function(KERNEL_IDLE, timeout=120_000)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            said = f"{urllib.parse.urlsplit(message.location.get('url', '')).path}: {message.text}"
            (self.server_said if SERVER_FAILED.match(said) else self.said).append(said)

    def start(self) -> None:
        """Choose Run All Cells from the menu, and do not wait for it."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_timeout(1_000)  # so that the first cell is on its way

    def wait(self) -> None:
        """Wait until all cells have run, and number them in the page."""
        self.page.wait_for_function(ALL_RAN, timeout=RUN_TIMEOUT_MS)
        self.page.evaluate(MARK_CELLS)

    def errors(self) -> list[str]:
        return self.page.evaluate(ERRORS)

    def live_cells(self) -> dict[int, dict]:
        """{cell: how many sliders, buttons, fields and films the stored notebook has there}."""
        models = self.stored["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
        found = {}
        for i, cell in enumerate(self.stored["cells"]):
            for data in (output.get("data", {}) for output in cell.get("outputs", [])):
                if VIEW in data:
                    found[i] = expected(models, data[VIEW]["model_id"])
                if FILM in "".join(data.get("text/html", "")):
                    found[i] = Counter(sliders=1, films=1)
        return found

    def output(self, cell: int) -> Locator:
        """A cell's outputs, scrolled to."""
        self.page.evaluate(f"i => {NOTEBOOK}.content.scrollToItem(i, 'start')", cell)
        found = self.page.locator(f"[data-cell='{cell}'] .jp-Cell-outputWrapper")
        found.scroll_into_view_if_needed()
        return found

    def shut_down(self) -> None:
        """End the kernel and close the page, so that the next one has the machine to itself."""
        self.page.evaluate(f"async () => {{ await {NOTEBOOK}.sessionContext.shutdown(); }}")
        self.page.close()

    def screenshot(self, name: str, cell: int) -> None:
        to = ARTEFACTS / self.stem / f"{name}.png"
        to.parent.mkdir(parents=True, exist_ok=True)
        self.output(cell).screenshot(path=to)

    def screenshots(self, name: str, cell: int | None = None) -> list[str]:
        """In both widths and themes; complaints about contrast and about what sticks out."""
        complaints = []
        for theme, theme_name in THEMES.items():
            self.page.evaluate(
                "async t => { await jupyterapp.commands.execute('apputils:change-theme',"
                " {theme: t}); }",
                theme_name,
            )
            dark = "false" if theme == "dark" else "true"
            self.page.wait_for_selector(f"body[data-jp-theme-light='{dark}']", state="attached")
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 1000})
                self.page.wait_for_timeout(400)
                to = ARTEFACTS / self.stem / f"{name}-{theme}-{width}.png"
                to.parent.mkdir(parents=True, exist_ok=True)
                if cell is None:
                    self.page.evaluate(f"() => {NOTEBOOK}.content.scrollToItem(0, 'start')")
                    self.page.wait_for_timeout(300)
                    self.page.screenshot(path=to)
                    continue
                output = self.output(cell)
                output.screenshot(path=to)
                where = f"{self.stem} cell {cell}, {theme}, {width} px"
                area = output.locator(".jp-OutputArea-output").first
                for what in area.evaluate(CONTRAST):
                    complaints.append(f"{where}: contrast of {what}")
                for what in area.evaluate(STICKS_OUT):
                    complaints.append(f"{where}: {what} sticks out")
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 1000})
        return complaints


def expected(models: dict, shown: str) -> Counter:
    """Things to press or move in a stored widget and in its children."""
    model = models[shown]
    count = Counter(SHOWN_AS.get(model["model_name"], {}))
    if model["model_name"] == "ToggleButtonsModel":
        count["buttons"] += len(model["state"]["_options_labels"])
    for child in model["state"].get("children", []):
        count += expected(models, child.removeprefix("IPY_MODEL_"))
    return count


def present(output: Locator) -> Counter:
    """The same, as the page shows it."""
    sliders, fields = output.locator(SLIDERS), output.locator("input[type=text]")
    count = Counter(sliders=sliders.count(), fields=fields.count())
    films = output.locator(f".{FILM}").count()
    count["films"] = films
    if not films:
        count["buttons"] = output.locator("button").count()
    return +count

"""A real JupyterLab in a real Chromium: run a notebook there, then use its controls by keyboard.

`drive` moves every slider and presses every button of one output, and returns complaints. What
the controls are is read off the page; how many there should be, off the stored notebook.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page
from playwright.sync_api import TimeoutError as TooLate

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"
ARTEFACTS = ROOT / ".artefacts/browser"
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
RUN_TIMEOUT_MS = 600_000
ANSWER_TIMEOUT_MS = 60_000  # a population may retrain meanwhile
REACTION_MS = 200.0  # the fastest of several presses must keep this, on a core that is
ROUNDS_A_SECOND = 5e7  # ... as fast as this at an empty loop
RETRAINS = ("07_on_device", "08_bug_hunt")  # their sliders train: a busy sign may come first
WIDTHS = (1400, 800)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# JupyterLab's server failed at what it was asked for: files, settings. No widget asks it anything.
SERVER_FAILED = re.compile(r"/(lab/)?api/\S*: Failed to load resource: .* status of 5\d\d")

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
FILM = "rl-film"

# How many things to press or move each stored model shows.
SHOWN_AS = {
    "FloatSliderModel": {"sliders": 1},
    "IntSliderModel": {"sliders": 1},
    "ButtonModel": {"buttons": 1},
    "TextModel": {"fields": 1},
}

# The cell numbered `index` in the notebook, however much of it the page has drawn.
NOTEBOOK = "window.jupyterapp.shell.currentWidget"
MARK_CELLS = f"() => {NOTEBOOK}.content.widgets.forEach((c, i) => c.node.dataset.cell = i)"
KERNEL_IDLE = f"""() => {{
    const kernel = window.jupyterapp && {NOTEBOOK} && {NOTEBOOK}.sessionContext
        && {NOTEBOOK}.sessionContext.session && {NOTEBOOK}.sessionContext.session.kernel;
    return kernel && kernel.status === "idle";
}}"""
ALL_RAN = f"""() => ({KERNEL_IDLE})() && {NOTEBOOK}.content.widgets.every(c =>
    c.model.type !== "code" || !c.model.sharedModel.source.trim()
    || (c.model.executionCount !== null && c.model.executionState !== "running"))"""
ERRORS = f"""() => {NOTEBOOK}.content.widgets.flatMap((c, i) => c.model.type !== "code" ? [] :
    c.model.outputs.toJSON().filter(o => o.output_type === "error"
        && !(c.model.getMetadata("tags") || []).includes("raises-exception"))
    .map(o => `cell ${{i}}: ${{o.ename}}: ${{o.evalue}}`))"""

# What a reader sees, without what moves even if nobody listens: a slider's handle and readout.
SEEN = """node => ({
    pictures: [...node.querySelectorAll("img")].map(i => i.src)
        .concat([...node.querySelectorAll("svg.rl-picture")].map(s => s.outerHTML)).join("\\n"),
    text: [...node.querySelectorAll(".widget-html-content, output")]
        .filter(e => !e.closest(".rl-busy")).map(e => e.innerText).join("\\n"),
    busy: [...node.querySelectorAll(".rl-busy")].some(e => e.innerText.trim()),
    failed: [...node.querySelectorAll(".rl-error")].map(e => e.innerText).join(" "),
    height: node.getBoundingClientRect().height,
})"""
VALUES = """node => [...node.querySelectorAll('[role=slider], input, select, textarea')]
    .map(e => e.getAttribute("aria-valuenow") ?? e.value)
    .concat([...node.querySelectorAll("button")].map(b =>
        [b.disabled, b.innerText, b.className, b.getAttribute("aria-pressed")].join()))
    .concat([...node.querySelectorAll(".progress-bar")].map(b => b.style.width))"""
LABEL = """e => e.getAttribute("aria-label")
    || e.closest(".jupyter-widgets, label")?.querySelector("label")?.textContent
    || e.closest("label")?.innerText || e.title || "" """
# From a key's press to the first new picture, on the page's own clock; and was there a busy sign?
STOPWATCH = """node => {
    const look = () => [...node.querySelectorAll("img")].map(i => i.src)
        .concat([...node.querySelectorAll("svg.rl-picture")].map(s => s.outerHTML)).join();
    const before = look(), watch = {busy: false};
    node.addEventListener("keydown", () => watch.start ??= performance.now(),
        {capture: true, once: true});
    const observer = new MutationObserver(() => {
        watch.busy ||= [...node.querySelectorAll(".rl-busy")].some(e => e.innerText.trim());
        if (watch.start && look() !== before) {
            watch.took = performance.now() - watch.start;
            observer.disconnect();
        }
    });
    observer.observe(node, {subtree: true, childList: true, attributes: true,
        characterData: true});
    window.rlWatch = watch;
}"""
# Text whose contrast with what lies behind it falls short of WCAG's AA, and what sticks out.
CONTRAST = """node => {
    const rgba = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const over = (top, under) => top.slice(0, 3).map((v, i) =>
        v * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
    const behind = e => {
        const layers = [];
        for (; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
        return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
    };
    const found = [];
    for (const e of node.querySelectorAll("*")) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !e.getClientRects().length || e.disabled) continue;
        if (["STYLE", "SCRIPT"].includes(e.tagName)) continue;
        const style = getComputedStyle(e), back = behind(e);
        const ink = e instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [light(over(rgba(ink), back)), light(back)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.push(`${e.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return found;
}"""
STICKS_OUT = """node => {
    const edge = node.getBoundingClientRect().right + 1;
    const parts = [...node.querySelectorAll("button, input, select, .widget-slider, img, svg")];
    return parts.filter(e => e.getClientRects().length && e.getBoundingClientRect().right > edge)
        .map(e => `${e.tagName} ${e.innerText || e.alt || ""}`.trim());
}"""


@contextlib.contextmanager
def server(folder: Path):
    """JupyterLab on a free port, with settings of its own; yields (address, token)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token, home = secrets.token_hex(16), folder.parent / "jupyter-home"
    home.mkdir(exist_ok=True)
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    env = os.environ | {place: str(home / place.lower()) for place in places}
    env |= {"JAX_PLATFORMS": "cpu", "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    options = (f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}", "--allow-root")
    options += (f"--IdentityProvider.token={token}", "--no-browser", "--ServerApp.port_retries=0")
    command = [PYTHON, "-m", "jupyterlab", *options, "--LabApp.expose_app_in_browser=True"]
    with (home / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/api?token={token}", timeout=5).close()
                    break
                if process.poll() is not None:
                    break
                time.sleep(0.2)
            else:
                raise TimeoutError("JupyterLab did not come up within two minutes")
            if process.poll() is not None:
                raise RuntimeError((home / "log.txt").read_text()[-2000:])
            yield address, token
        finally:
            process.terminate()
            process.wait(30)
            ARTEFACTS.mkdir(parents=True, exist_ok=True)
            shutil.copy(home / "log.txt", ARTEFACTS / "server.log")


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


SLIDERS = "[role=slider], input[type=range]"


def changed(before: dict, after: dict) -> list[str]:
    """What a moved slider must have done to what the reader sees."""
    wrong = []
    if after["failed"]:
        wrong.append(f"shows an error: {after['failed']}")
    if not after["pictures"]:
        wrong.append("has no picture any more")
    elif after["pictures"] == before["pictures"]:
        wrong.append("does not change the picture")
    if after["text"] == before["text"]:
        wrong.append("does not change the text")
    if abs(after["height"] - before["height"]) > 4:
        wrong.append(f"moves the page by {after['height'] - before['height']:.0f} px")
    return wrong


def settle(output: Locator, before: dict) -> dict:
    """What is seen once nothing changes any more; waits for a first change, within limits."""
    page, deadline = output.page, time.monotonic() + ANSWER_TIMEOUT_MS / 1000
    patience = time.monotonic() + 5.0  # for an answer at all; a busy sign asks for more
    last = before
    while time.monotonic() < deadline:
        page.wait_for_timeout(150)
        seen = output.evaluate(SEEN)
        moved = seen["pictures"] != before["pictures"] and seen["text"] != before["text"]
        if not seen["busy"] and seen == last and (moved or time.monotonic() > patience):
            return seen
        last = seen
    return last


def speed_of_core() -> float:
    """How fast a Python loop runs here at this moment, 1.0 being a calm core of today.

    Such a core makes 50 million rounds a second and more. Faster ones count as 1.0: the limit on
    reactions never falls below what it says there; a shared or throttled one is not held to it.
    """
    started, rounds = time.perf_counter(), 3_000_000
    for _ in range(rounds):
        pass
    return min(1.0, rounds / (time.perf_counter() - started) / ROUNDS_A_SECOND)


def press_slider(output: Locator, slider: Locator, key: str) -> dict:
    """One press: the milliseconds that it `took` to a new picture, and was there a `busy` sign?"""
    output.evaluate(STOPWATCH)
    slider.focus()
    output.page.keyboard.press(key)
    with contextlib.suppress(TooLate):
        output.page.wait_for_function("() => rlWatch.took !== undefined", timeout=ANSWER_TIMEOUT_MS)
    return output.page.evaluate("() => rlWatch")


def drive_slider(
    output: Locator, slider: Locator, retrains: bool = False
) -> tuple[list[str], dict[str, float]]:
    """Complaints about one slider, and how fast it answered."""
    label = slider.evaluate(LABEL).strip()
    wrong = [] if label else ["has no label"]
    value, top = (
        float(slider.evaluate(f"e => e.getAttribute('aria-{name}') ?? e.{name_dom}"))
        for name, name_dom in (("valuenow", "value"), ("valuemax", "max"))
    )
    keys = ("ArrowLeft", "ArrowRight") if value == top else ("ArrowRight", "ArrowLeft")
    before = output.evaluate(SEEN)
    for _ in range(1 if retrains else 3):
        slider.focus()
        output.page.keyboard.press(keys[0])
    wrong += changed(before, settle(output, before))
    if wrong:
        return [f"slider {label!r} {what}" for what in wrong], {}
    speed = speed_of_core()
    presses = [press_slider(output, slider, keys[i % 2]) for i in range(1 if retrains else 8)]
    times = sorted(press.get("took", 1e9) for press in presses)
    speed = (speed + speed_of_core()) / 2
    figures = {"best ms": times[0], "median ms": times[len(times) // 2], "speed of core": speed}
    if retrains and times[-1] > 3 * REACTION_MS and not presses[-1]["busy"]:
        wrong.append(f"takes {times[-1]:.0f} ms, and does not say that it is working")
    if not retrains and times[0] * speed > REACTION_MS:
        wrong.append(f"reacts after {times[0]:.0f} ms at best, on a core of speed {speed:.2f}")
    figures = {name: round(number, 2) for name, number in figures.items()}
    return [f"slider {label!r} {what}" for what in wrong], figures


def is_chosen(option: Locator) -> bool:
    return "mod-active" in (option.get_attribute("class") or "")


def drive_choice(output: Locator, option: Locator) -> list[str]:
    """Choose one of several by keyboard; picture and text must change."""
    name, before = option.inner_text().strip(), output.evaluate(SEEN)
    option.focus()
    output.page.keyboard.press("Enter")
    return [f"choice {name!r} {what}" for what in changed(before, settle(output, before))]


def drive_button(output: Locator, button: Locator) -> list[str]:
    """Press it with the keyboard; something that the reader sees must have changed."""
    name = button.inner_text().strip() or button.get_attribute("title") or "(no name)"
    before = output.evaluate(SEEN) | {"busy": False}, output.evaluate(VALUES)
    button.focus()
    output.page.keyboard.press("Enter")
    for _ in range(40):
        output.page.wait_for_timeout(100)
        seen = output.evaluate(SEEN)
        if seen["failed"]:
            return [f"button {name!r} shows an error: {seen['failed']}"]
        if (seen | {"busy": False}, output.evaluate(VALUES)) != before:
            return []
    return [f"button {name!r} does nothing"]


def drive(output: Locator, retrains: bool) -> tuple[list[str], dict[str, dict[str, float]]]:
    """Every choice, slider and button of one output: (complaints, {slider: its figures})."""
    complaints, times = [], {}
    choices = output.locator(".widget-toggle-buttons button:visible").all()
    for option in sorted(choices, key=is_chosen):  # the chosen one last: it must be left to return
        complaints += drive_choice(output, option)
    for slider in output.locator(SLIDERS).all():
        wrong, figures = drive_slider(output, slider, retrains)
        complaints += wrong
        times[slider.evaluate(LABEL).strip()] = figures
    buttons = output.locator("button:visible:not(.widget-toggle-buttons button)").all()
    for button in sorted(buttons, key=lambda b: b.inner_text().strip() == "Reset"):
        complaints += drive_button(output, button)
    return complaints, times


def film_text(output: Locator) -> str:
    return output.locator(f".{FILM} output").inner_text()


def film_step(output: Locator) -> int:
    return int(output.locator(f".{FILM} input").input_value())


def drive_film(output: Locator) -> list[str]:
    """Play, pause, speed, scrub by keyboard and reset; each step's text must be complete."""
    page, wrong = output.page, []
    film = output.locator(f".{FILM}")
    play, reset = (film.locator("button").nth(i) for i in (0, 1))
    speed, slider = film.locator("select"), film.locator("input")

    def steps_in(ms: int, factor: str) -> int:
        reset.click()
        speed.select_option(factor)
        play.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(ms)
        page.keyboard.press("Enter")
        return film_step(output)

    slow, fast = steps_in(600, "0.25"), steps_in(600, "2")
    if not 0 < slow < fast:
        wrong.append(f"film: {slow} steps when slow, {fast} when fast")
    if play.inner_text() != "Play" or film_step(output) != fast:
        wrong.append("film: pause does not pause")
    before, moved = output.evaluate(SEEN), film_step(output)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(100)
    wrong += [f"film: step {what}" for what in changed(before, output.evaluate(SEEN))]
    if film_step(output) != moved - 1:
        wrong.append(f"film: arrow key went from {moved} to {film_step(output)}")
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    last = film_step(output)
    if not film_text(output).startswith(f"step {last + 1} of {last + 1}: angle "):
        wrong.append(f"film: the end says {film_text(output)!r}")
    if not re.search(r"push (left|right)$", film_text(output)):
        wrong.append(f"film: no action in {film_text(output)!r}")
    with_values = "q" in json.loads(film.get_attribute("data-film"))
    said = r"Q\(left\) -?\d.*Q\(right\) -?\d.*the coin \(0\.\d+\) says: (at random|greedy)"
    if with_values and not re.search(said, film_text(output)):
        wrong.append(f"film: no Q-values or coin in {film_text(output)!r}")
    if not film.locator("svg").get_attribute("aria-label"):
        wrong.append("film: no alt text")
    reset.click()
    if film_step(output) != 0 or speed.input_value() != "1":
        wrong.append("film: Reset does not go back")
    return wrong


def drive_training(output: Locator) -> tuple[list[str], dict[str, float]]:
    """Train shows progress, Stop stops within 2 s, Train goes on; sliders count, Reset resets."""
    page, wrong, seconds = output.page, [], {}
    train, stop, reset = (
        output.get_by_role("button", name=name, exact=True) for name in ("Train", "Stop", "Reset")
    )
    sliders = output.locator(SLIDERS).all()
    values = [slider.get_attribute("aria-valuenow") for slider in sliders]

    def episodes() -> int:
        found = re.search(r"episode (\d+)", output.evaluate(SEEN)["text"])
        return int(found[1]) if found else 0

    def press(button: Locator) -> None:
        button.focus()
        page.keyboard.press("Enter")

    def wait_for(what: str, true, limit_s: float) -> float:
        started = time.monotonic()
        while not true():
            if time.monotonic() - started > limit_s:
                wrong.append(f"{what}: not within {limit_s} s; {output.evaluate(SEEN)['text']!r}")
                break
            page.wait_for_timeout(50)
        return time.monotonic() - started

    def train_and_stop(name: str, more_than: int) -> int:
        press(train)
        wait_for(f"{name}: busy sign", lambda: output.evaluate(SEEN)["busy"], 2)
        wait_for(f"{name}: progress", lambda: episodes() > more_than + 2, 60)
        shown = output.evaluate(SEEN)
        if not shown["pictures"] or shown["failed"]:
            wrong.append(f"{name}: no picture; {shown['failed']}")
        press(stop)
        took = wait_for(f"{name}: Stop", lambda: train.is_enabled(), 2)
        seconds[f"{name}: seconds to stop"] = round(took, 2)
        if "Stopped after" not in output.evaluate(SEEN)["text"]:
            wrong.append(f"{name}: says {output.evaluate(SEEN)['text']!r}")
        return episodes()

    first = train_and_stop("train", 0)
    before = output.evaluate(SEEN)
    resumed = train_and_stop("resume", first)
    if output.evaluate(SEEN)["pictures"] == before["pictures"]:
        wrong.append("resume: the picture stays as it was")
    if resumed <= first:
        wrong.append(f"resume: {first} episodes, then {resumed}")
    for slider in sliders:
        label = slider.evaluate(LABEL).strip()
        before = output.evaluate(SEEN)
        for _ in range(3):
            slider.focus()
            page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(300)
        # Another setting is another run: it begins with its first episode.
        press(train)
        wait_for(f"slider {label!r}: anew", lambda: 0 < episodes() < resumed, 30)
        press(stop)
        wait_for(f"slider {label!r}: Stop", lambda: train.is_enabled(), 2)
        after = output.evaluate(SEEN)
        if after["pictures"] == before["pictures"] or after["failed"]:
            wrong.append(f"slider {label!r} does not change the picture {after['failed']}")
    press(reset)
    page.wait_for_timeout(500)
    if [slider.get_attribute("aria-valuenow") for slider in sliders] != values:
        wrong.append("Reset does not put the sliders back")
    return wrong, seconds


def render(notebook: Path, folder: Path) -> None:
    """To HTML, with the template that keeps alt text."""
    options = ("--to", "html", "--template", "classic", "--output-dir", str(folder))
    command = [PYTHON, "-m", "nbconvert", *options, notebook]
    subprocess.run(command, check=True, capture_output=True)

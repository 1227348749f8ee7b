"""The training panel: Train shows progress, Stop stops, settings count, Reset resets."""

import re
import time
from collections.abc import Callable

from book import SLIDERS
from playwright.sync_api import Locator
from scripts import LABEL, SEEN

STOP_S = 3  # for the episode in progress to end
MINUTE_S = 60


class Trainer:
    """The panel in one output, and what was found wrong with it."""

    def __init__(self, output: Locator):
        self.output, self.page = output, output.page
        self.train, self.stop, self.reset = (
            output.get_by_role("button", name=name, exact=True)
            for name in ("Train", "Stop", "Reset")
        )
        self.wrong: list[str] = []
        self.seconds: dict[str, float] = {}

    def seen(self) -> dict:
        return self.output.evaluate(SEEN)

    def episodes(self) -> int:
        found = re.search(r"episode (\d+)", self.seen()["text"])
        return int(found[1]) if found else 0

    def press(self, button: Locator) -> None:
        button.focus()
        self.page.keyboard.press("Enter")

    def wait_for(self, what: str, is_so: Callable[[], bool], limit_s: float) -> float:
        """Seconds that it took; a complaint if it took longer than the limit."""
        started = time.monotonic()
        while not is_so():
            if time.monotonic() - started > limit_s:
                said = self.seen()["text"]
                self.wrong.append(f"{what}: not within {limit_s} s; it says {said!r}")
                break
            self.page.wait_for_timeout(50)
        return time.monotonic() - started

    def train_and_stop(self, name: str, more_than: int) -> int:
        """Train until some episodes are shown, then stop: the episodes that it made."""
        self.press(self.train)
        self.wait_for(f"{name}: busy sign", lambda: self.seen()["busy"], 2)
        self.wait_for(f"{name}: sliders locked", self.sliders_are_locked, 2)
        self.wait_for(f"{name}: progress", lambda: self.episodes() > more_than + 2, MINUTE_S)
        shown = self.seen()
        if not shown["pictures"] or shown["failed"]:
            self.wrong.append(f"{name}: no picture; {shown['failed']}")
        self.press(self.stop)
        took = self.wait_for(f"{name}: Stop", self.train.is_enabled, STOP_S)
        self.seconds[f"{name}: seconds to stop"] = round(took, 2)
        if "Stopped after" not in self.seen()["text"]:
            self.wrong.append(f"{name}: says {self.seen()['text']!r}")
        return self.episodes()

    def sliders_are_locked(self) -> bool:
        sliders = self.output.locator(".widget-slider").all()
        return all("disabled" in slider.inner_html() for slider in sliders)

    def move(self, slider: Locator, episodes: int) -> None:
        """Another setting is another run: it begins with its first episode, and says what it is."""
        label, before = slider.evaluate(LABEL).strip(), self.seen()
        for _ in range(2):  # not three: seeds 0 and 3 both begin with an episode of 41 steps
            slider.focus()
            self.page.keyboard.press("ArrowRight" if label == "seed" else "ArrowLeft")
        self.page.wait_for_timeout(300)
        self.press(self.train)
        self.wait_for(f"slider {label!r}: anew", lambda: 0 < self.episodes() < episodes, MINUTE_S)
        self.press(self.stop)
        self.wait_for(f"slider {label!r}: Stop", self.train.is_enabled, STOP_S)
        self.wait_for(  # it comes last
            f"slider {label!r}: another picture",
            lambda: self.seen()["pictures"] != before["pictures"],
            STOP_S,
        )
        after = self.seen()
        if after["failed"]:
            self.wrong.append(f"slider {label!r}: {after['failed']}")
        if not re.search(r"epsilon 0\.\d+, gamma \d\.\d+, seed \d+", after["text"]):
            self.wrong.append(f"slider {label!r}: the caption says {after['text']!r}")


def drive_training(output: Locator) -> tuple[list[str], dict[str, float]]:
    """(complaints, how long it took to stop)."""
    panel = Trainer(output)
    sliders = output.locator(SLIDERS).all()
    values = [slider.get_attribute("aria-valuenow") for slider in sliders]

    first = panel.train_and_stop("train", 0)
    before = panel.seen()
    resumed = panel.train_and_stop("resume", first)
    if panel.seen()["pictures"] == before["pictures"]:
        panel.wrong.append("resume: the picture stays as it was")
    if resumed <= first:
        panel.wrong.append(f"resume: {first} episodes, then {resumed}")

    for slider in sliders:
        panel.move(slider, resumed)

    panel.press(panel.reset)
    panel.page.wait_for_timeout(500)
    if [slider.get_attribute("aria-valuenow") for slider in sliders] != values:
        panel.wrong.append("Reset does not put the sliders back")
    if panel.seen()["pictures"]:
        panel.wrong.append("Reset does not clear the picture")
    return panel.wrong, panel.seconds

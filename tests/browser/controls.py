"""Every choice, slider and button of one output, by keyboard; each returns its complaints.

What the controls are is read off the page; how many there should be, off the stored notebook.
"""

import contextlib
import time

from book import SLIDERS
from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as TooLate
from scripts import LABEL, SEEN, STOPWATCH, VALUES

ANSWER_TIMEOUT_MS = 60_000  # a population may retrain meanwhile
REACTION_MS = 200.0  # the fastest of several presses must keep this, on a core that is
ROUNDS_A_SECOND = 5e7  # ... as fast as this at an empty loop
# Their sliders train: a busy sign may come first.
RETRAINS = ("02_replay_memory", "05_training_step", "07_on_device", "08_bug_hunt")


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

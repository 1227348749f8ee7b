"""A film: play, pause, speed, scrub by keyboard and reset; each step's text must be complete."""

import json
import re

from book import FILM
from controls import changed
from playwright.sync_api import Locator
from scripts import SEEN


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

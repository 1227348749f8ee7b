"""Train, Stop, Reset: a real agent, trained in a thread of its own while one watches."""

import atexit
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets

from rl_jax import envs, loop, validate
from rl_jax.config import checked
from rl_jax.course.panels import (
    WORKING,
    busy_sign,
    button,
    markup,
    show_live,
    slider,
)

__all__ = ["TrainingPanel"]

REDRAW_S = 1.0  # between two pictures while it trains
JOIN_S = 10.0  # for the episode in progress to end


class TrainingPanel(ipywidgets.VBox):
    """Epsilon and gamma sliders, a seed, Train and Stop: trains a real agent while one watches.

    Stop ends the run after the episode in progress. Train goes on from there. Another setting or
    seed is another run; back at one that was stopped, Train goes on with it. Reset forgets all. The
    sliders are locked while it trains: what they say is what is trained.

    One panel trains at a time: making another, as by running the cell again, or pressing another's
    Train stops it. So does leaving Python, which waits for its episode to end, for 10 s at most.

    Taught in: notebooks/06.
    """

    _alive: "TrainingPanel | None" = None  # the one that may have a thread

    def __init__(
        self,
        draw: Callable[[loop.Result, loop.Result | None], bytes],
        alt: str,
        config: loop.Config = loop.CARTPOLE,
        seed: int = 0,
        still: loop.Result | None = None,
    ):
        """A panel that has not trained yet.

        Args:
            draw: from the Result so far, and that of the setting before (or None), to a PNG's
                bytes; called about once a second.
            alt: what the picture shows.
            config: all but epsilon and gamma.
            seed: where the seed's field starts.
            still: a run to draw where no kernel runs, on a web page for example; None: no picture.

        Raises:
            TypeError: if `draw` is not a function, `still` not a Result, or a value of the config
                of another kind.
            ValueError: if the config makes no sense, or `alt` is empty.
        """
        validate.function("draw", draw, ("result", "before"))
        validate.sentence("alt", alt, "what the panel shows")
        self._draw = draw
        self._still = self._picture_of(still)
        self._alt = alt
        self._config = checked(config)
        self._seed = validate.seed("seed", seed)
        self.result: loop.Result | None = None
        self.before: loop.Result | None = None  # of the setting that was trained before this one
        self.thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._trained_setting: tuple | None = None  # that of `result`
        self._drawn_at = 0.0
        self._make_controls()
        buttons = [self._train_button, self._stop_button, self._reset_button]
        row = [*buttons, self._bar, self._busy]
        row = ipywidgets.HBox(row, layout={"flex_flow": "row wrap"})
        super().__init__([self._epsilon, self._gamma, self._seed_field, row, self._view])
        self._say("Press Train.")
        self._is_the_only_one()

    def _is_the_only_one(self) -> bool:
        """Whether no other panel trains any more, after it has been asked to stop."""
        other = TrainingPanel._alive
        if other is not None and other is not self:
            other.stop()
            if other.thread is not None and other.thread.is_alive():
                return False
        TrainingPanel._alive = self
        return True

    def _make_controls(self) -> None:
        config = self._config
        self._epsilon = slider("final epsilon", config.final_epsilon, 0.0, 1.0)
        self._gamma = slider("gamma", config.gamma, 0.0, 1.0, 0.005)
        self._seed_field = slider("seed", self._seed, 0, max(20, self._seed), 1)
        self._settings = (self._epsilon, self._gamma, self._seed_field)
        self._train_button = button("Train")
        self._stop_button = button("Stop")
        self._reset_button = button("Reset")
        self._stop_button.disabled = True
        self._bar = ipywidgets.IntProgress(max=config.max_steps, description="steps")
        self._view = ipywidgets.HTML()
        self._busy = busy_sign()
        self._train_button.on_click(lambda _: self.train())
        self._stop_button.on_click(lambda _: self._stopping.set())
        self._reset_button.on_click(lambda _: self.reset())

    # What the buttons do

    def train(self) -> None:
        """Train in a thread, from where this setting's run stands; a finished one says so."""
        if self.thread is not None and self.thread.is_alive():
            return
        if not self._is_the_only_one():
            self._say("Another panel is still ending an episode: press Train again.")
            return
        is_same = self._trained_setting == self.setting
        if is_same and self.result is not None and self.result.finished:
            self._say("This run is finished. Move a slider or the seed, or press Reset.")
            return
        if self.result is not None and not is_same:
            self.before = self.result
            self.result = None
        self._lock(True)
        self._stopping.clear()
        self._trained_setting = self.setting
        self._drawn_at = 0.0
        self.thread = threading.Thread(target=self._work, args=(self.setting,), daemon=True)
        self.thread.start()

    def stop(self, wait_s: float = JOIN_S) -> None:
        """End the training after the episode in progress, and wait for it.

        Args:
            wait_s: seconds, at the most.
        """
        self._stopping.set()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(wait_s)

    def reset(self) -> None:
        """Stop, put the controls back, and forget what was trained."""
        self.stop()
        if self.thread is not None and self.thread.is_alive():
            self._say("Still ending an episode: press Reset again.")
            return
        self._epsilon.value = self._config.final_epsilon
        self._gamma.value = self._config.gamma
        self._seed_field.value = self._seed
        for file in Path(self._folder.name).glob("*.npz"):
            file.unlink()
        self.result = None
        self.before = None
        self._trained_setting = None
        self._bar.value = 0
        self._say("Press Train.")

    # What the thread does

    @property
    def setting(self) -> tuple[float, float, int]:
        """(final epsilon, gamma, seed), as the controls say."""
        return tuple(control.value for control in self._settings)

    def _work(self, setting: tuple[float, float, int]) -> None:
        epsilon, gamma, seed = setting
        config = self._config._replace(final_epsilon=epsilon, gamma=gamma)
        options = {"checkpoint": self._file(setting), "on_episode": self._on_episode}
        try:
            self.result = loop.train(envs.make(), config, seed, progress=False, **options)
            # A run that had ended before plays no episode that would move the bar.
            self._bar.value = int(self.result.episode_steps[-1])
            word = "Finished" if self.result.finished else "Stopped"
            self._show(self.result, f"{word} after episode {len(self.result.episode_steps)}.")
        except Exception as error:  # nobody else would see it, in a thread
            self._view.value = markup(error, self._alt)
        finally:
            self._lock(False)

    def _on_episode(self, result: loop.Result) -> bool:
        """Show how far it is, and say whether to stop."""
        self.result = result
        self._bar.value = int(result.episode_steps[-1])
        if time.monotonic() > self._drawn_at + REDRAW_S:
            self._show(result, f"Training: episode {len(result.episode_steps)}.")
            self._drawn_at = time.monotonic()
        return self._stopping.is_set()

    # What is seen

    def _show(self, result: loop.Result, words: str) -> None:
        epsilon, gamma, seed = self._trained_setting
        caption = f"{words} Final epsilon {epsilon:g}, gamma {gamma:g}, seed {seed}."
        self._view.value = markup((self._draw(result, self.before), caption), self._alt)

    def _say(self, words: str) -> None:
        """Words under the picture, if there is one."""
        if self.result is None:
            self._view.value = markup(words, self._alt)
        else:
            self._show(self.result, words)

    def _lock(self, is_training: bool) -> None:
        self._busy.value = WORKING if is_training else ""
        self._train_button.disabled = is_training
        self._stop_button.disabled = not is_training
        for control in self._settings:
            control.disabled = is_training

    def _file(self, setting: tuple[float, float, int]) -> Path:
        return Path(self._folder.name) / ("_".join(map(str, setting)) + ".npz")

    def _ipython_display_(self, **_: Any) -> None:
        show_live(self, self._still, self._alt)

    def _picture_of(self, still: loop.Result | None) -> bytes | None:
        """What pages without a kernel show."""
        if still is None:
            return None
        if not isinstance(still, loop.Result):
            raise TypeError(f"still must be a loop.Result, but it is {validate.short(still)}.")
        picture = self._draw(still, None)
        if not isinstance(picture, bytes):
            raise TypeError(
                f"draw must return a PNG's bytes, but it returned {validate.short(picture)}. "
                "Likely fix: return figures.png(figure)."
            )
        return picture


@atexit.register
def _stop_what_still_trains() -> None:
    """JAX must not be computing in a thread while Python shuts down: that ends in an abort."""
    if TrainingPanel._alive is not None:
        TrainingPanel._alive.stop()

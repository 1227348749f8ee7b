"""The panel that trains: it owns its thread, and what it says is what it trains."""

import base64
import subprocess
import sys
import textwrap
from pathlib import Path

import ipywidgets
import pytest
from boxes import all_of, button, html_of, picture
from helpers import TINY, bits
from jupyter_client.manager import start_new_kernel

from rl_jax import envs, loop
from rl_jax.course import panels
from rl_jax.course.training_panel import TrainingPanel


class Training:
    """A panel whose picture is the number of episodes, and that may be stopped by its `draw`."""

    def __init__(self, config=TINY, seed=3):
        self.stop, self.draws, self.locked = False, [], []
        self.box = TrainingPanel(self.draw, "returns", config, seed)
        self.epsilon, self.gamma = all_of(self.box, ipywidgets.FloatSlider)
        (self.seed,) = all_of(self.box, ipywidgets.IntSlider)
        (self.bar,) = all_of(self.box, ipywidgets.IntProgress)

    def draw(self, result, before):
        self.before = before
        self.draws.append(len(result.episode_steps))
        controls = (self.epsilon, self.gamma, self.seed, button(self.box, "Train"))
        self.locked.append([control.disabled for control in controls])
        if self.stop:
            button(self.box, "Stop").click()
        return b"%d" % len(result.episode_steps)

    def train(self):
        button(self.box, "Train").click()
        self.box.thread.join(60)
        assert not self.box.thread.is_alive()
        assert not button(self.box, "Train").disabled
        return self.box.result


def whole_run(seed=3, **changes):
    return loop.train(envs.make(), TINY._replace(**changes), seed, progress=False)


def test_it_trains_and_shows_it():
    panel = Training()
    assert panel.box.result is None
    assert (panel.epsilon.value, panel.gamma.value) == (TINY.final_epsilon, TINY.gamma)
    assert "Press Train" in html_of(panel.box)
    result = panel.train()
    assert bits(result) == bits(whole_run())
    episodes = len(result.episode_steps)
    assert picture(b"%d" % episodes) in html_of(panel.box)
    said = f"Finished after episode {episodes}. Final epsilon 0.2, gamma 0.995, seed 3."
    assert said in html_of(panel.box)
    assert f'alt="returns {said}"' in html_of(panel.box)
    assert panel.bar.value == panel.bar.max == TINY.max_steps
    assert panel.draws[0] == 1 and panel.draws[-1] == episodes
    assert len(panel.draws) < episodes / 2  # about once a second, and at the end
    assert all(all(locked) for locked in panel.locked)  # what it says is what it trains


def test_it_stops_and_goes_on_to_the_same_end():
    panel = Training()
    panel.stop = True
    stopped = panel.train()
    assert not stopped.finished
    assert len(stopped.episode_steps) == 1
    assert "Stopped after episode 1." in html_of(panel.box)
    panel.stop = False
    assert bits(panel.train()) == bits(whole_run())
    assert "Finished" in html_of(panel.box)


def test_it_starts_anew_when_a_slider_or_the_seed_has_moved():
    panel = Training()
    first = panel.train()
    assert panel.before is None
    panel.gamma.value, panel.epsilon.value = 0.5, 0.25
    result = panel.train()
    assert panel.before is first  # to be drawn beside it
    assert bits(result) == bits(whole_run(gamma=0.5, final_epsilon=0.25))
    assert "Final epsilon 0.25, gamma 0.5, seed 3." in html_of(panel.box)
    panel.seed.value = 4
    assert bits(panel.train()) == bits(whole_run(seed=4, gamma=0.5, final_epsilon=0.25))
    assert "seed 4." in html_of(panel.box)


def test_train_after_the_end_says_so():
    panel = Training()
    panel.train()
    thread = panel.box.thread
    button(panel.box, "Train").click()
    assert panel.box.thread is thread
    assert "This run is finished. Move a slider or the seed, or press Reset." in html_of(panel.box)


def test_a_setting_that_was_finished_before_shows_its_own_end():
    panel = Training()
    whole = panel.train()
    panel.seed.value = 4
    panel.train()
    panel.seed.value = 3
    panel.bar.value = 1
    again = panel.train()
    assert bits(again) == bits(whole)
    assert panel.bar.value == whole.episode_steps[-1]


def test_train_twice_is_one_training():
    panel = Training()
    button(panel.box, "Train").click()
    thread = panel.box.thread
    panel.box.train()
    assert panel.box.thread is thread
    thread.join(60)
    assert bits(panel.box.result) == bits(whole_run())


def test_reset_forgets():
    panel = Training()
    panel.epsilon.value, panel.gamma.value, panel.seed.value = 0.9, 0.1, 7
    panel.train()
    button(panel.box, "Reset").click()
    values = (panel.epsilon.value, panel.gamma.value, panel.seed.value)
    assert values == (TINY.final_epsilon, TINY.gamma, 3)
    assert (panel.box.result, panel.bar.value) == (None, 0)
    assert "Press Train" in html_of(panel.box) and "<img" not in html_of(panel.box)
    panel.epsilon.value, panel.gamma.value, panel.seed.value = 0.9, 0.1, 7
    panel.draws.clear()
    panel.train()
    assert panel.draws[0] == 1  # from its first episode
    assert panel.before is None


def test_reset_while_it_trains_stops_it():
    panel = Training(TINY._replace(max_steps=100_000, evaluate_every=None))
    button(panel.box, "Train").click()
    button(panel.box, "Reset").click()
    assert not panel.box.thread.is_alive()
    assert panel.box.result is None and "<img" not in html_of(panel.box)


class Stubborn:
    """A training that does not end in time."""

    is_alive = staticmethod(lambda: True)
    join = staticmethod(lambda wait_s: None)


def test_reset_forgets_nothing_while_a_training_does_not_end():
    panel = Training()
    result = panel.train()
    ended, panel.box.thread = panel.box.thread, Stubborn()
    panel.box.reset()
    assert panel.box.result is result
    assert "press Reset again" in html_of(panel.box)
    panel.box.thread = ended
    panel.box.reset()
    assert panel.box.result is None


def test_a_new_panel_stops_the_one_before():
    """As when its cell is run again: else nothing could stop the first training any more."""
    long = TINY._replace(max_steps=100_000, evaluate_every=None)
    first = Training(long)
    button(first.box, "Train").click()
    second = Training(long)
    assert not first.box.thread.is_alive()
    assert second.box.thread is None


def test_it_says_that_it_works():
    panel = Training()
    (sign,) = (w for w in all_of(panel.box, ipywidgets.HTML) if "rl-busy" in w._dom_classes)
    seen, draw = [], panel.draw
    panel.box._draw = lambda *results: seen.append(sign.value) or draw(*results)
    panel.train()
    assert "working" in seen[0] and sign.value == ""


def test_it_shows_what_went_wrong():
    panel = Training(TINY._replace(optimizer="sgd", learning_rate=1e30, final_learning_rate=1e30))
    panel.train()
    assert "Diverged: parameters are no longer finite" in html_of(panel.box)
    panel = Training(TINY._replace(max_steps=20))
    panel.locked = None  # so that `draw` fails
    panel.train()
    assert "AttributeError" in html_of(panel.box)


def test_a_config_that_makes_no_sense_is_refused_at_once():
    with pytest.raises(ValueError, match="gamma must lie in"):
        TrainingPanel(lambda result, before: b"", "returns", TINY._replace(gamma=2.0))


LEFT = """
    from rl_jax import loop
    from rl_jax.course.training_panel import TrainingPanel
    panel = TrainingPanel(lambda result, before: b"", "returns", loop.CARTPOLE)
    panel.train()
    while panel.result is None or len(panel.result.episode_steps) < {episodes}:
        pass
"""


@pytest.mark.parametrize("episodes", [1, 3])
def test_leaving_python_while_it_trains_is_no_abort(episodes):
    code = textwrap.dedent(LEFT).format(episodes=episodes)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


RESTARTED = """
import time
import ipywidgets
from boxes import all_of, button
from rl_jax import loop
from rl_jax.course.training_panel import TrainingPanel

long = loop.CARTPOLE._replace(max_steps=1_000_000, evaluate_every=None)
panel = TrainingPanel(lambda result, before: b"", "returns", long, 3)
button(panel, "Train").click()
while panel.result is None:
    time.sleep(0.05)
print(panel.thread.is_alive())
"""


def test_a_kernel_that_is_restarted_while_it_trains_does_not_abort():
    """A real one: it is asked to end, as JupyterLab asks, and must do so by itself."""
    manager, client = start_new_kernel()
    try:
        heard = []
        paths = f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        client.execute_interactive(paths + RESTARTED, timeout=120, output_hook=heard.append)
        said = [message["content"].get("text") for message in heard]
        assert "True\n" in said, heard
        process = manager.provisioner.process
        manager.shutdown_wait_time = 60.0  # a busy machine is slow to end; then it is terminated
        manager.restart_kernel()
        assert process.poll() == 0
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_pressing_train_stops_another_panel():
    first = Training(TINY._replace(max_steps=100_000, evaluate_every=None))
    second = Training()
    button(first.box, "Train").click()
    assert first.box.thread.is_alive()
    second.train()
    first.box.thread.join(60)
    assert not first.box.thread.is_alive()
    assert not first.box.result.finished


def test_where_no_kernel_runs_a_run_is_drawn(monkeypatch):
    shown = []
    monkeypatch.setattr(panels, "display", lambda data, **_: shown.append(data))
    TrainingPanel(
        lambda result, before: b"still", "returns", TINY, still=whole_run()
    )._ipython_display_()
    TrainingPanel(lambda result, before: b"still", "returns", TINY)._ipython_display_()
    assert [data.get("image/png") for data in shown] == [base64.b64encode(b"still").decode(), None]


@pytest.mark.parametrize(
    ("draw", "still", "words"),
    [
        (lambda result, before: b"", 5, "still must be a loop.Result"),
        (
            lambda result, before: (b"", "words"),
            loop.Result(*[None] * 7),
            "draw must return a PNG's",
        ),
    ],
)
def test_a_still_that_cannot_be_drawn_is_refused_at_once(draw, still, words):
    with pytest.raises(TypeError, match=words):
        TrainingPanel(draw, "returns", TINY, still=still)


def test_a_run_that_failed_at_once_is_not_taken_for_the_one_before(monkeypatch):
    panel = Training()
    finished = panel.train()
    monkeypatch.setattr(loop, "train", lambda *_, **__: 1 / 0)
    panel.epsilon.value = 0.3
    assert panel.train() is None and panel.box.before is finished
    panel.train()
    assert "ZeroDivisionError" in html_of(panel.box)

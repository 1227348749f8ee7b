"""Source that is shown is source that runs, and docstrings do not get in its way."""

import ast
import inspect

import pytest

from rl_jax import config, loop, policy, replay
from rl_jax.course import source


@pytest.fixture
def displayed(monkeypatch):
    stored = []
    monkeypatch.setattr(source, "display", stored.append)
    return stored


@pytest.mark.parametrize("thing", [policy.greedy, replay.ReplayMemory, config.Config, loop.train])
def test_it_is_the_packages_own_code(thing, displayed):
    source.show_source(thing)
    first, place, *code, last = displayed[0].data.splitlines()
    assert (first, last) == ("```python", "```")
    assert place == f"# lives in {thing.__module__.replace('.', '/')}.py"
    shown, real = ast.parse("\n".join(code)), ast.parse(inspect.getsource(thing))
    # The same but for docstrings, which are cut to their first line.
    for ours, theirs in zip(ast.walk(shown), ast.walk(real), strict=True):
        if isinstance(ours, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(theirs):
            assert ast.get_docstring(ours) == ast.get_docstring(theirs).splitlines()[0]
            ours.body[0] = theirs.body[0]
    assert ast.dump(shown) == ast.dump(real)


def test_a_method_is_shown_from_its_first_column(displayed):
    source.show_source(replay.ReplayMemory.experience)
    assert displayed[0].data.splitlines()[2].startswith("def experience(")


@pytest.mark.parametrize("thing", [3, "greedy", len, None])
def test_what_has_no_source_is_refused(thing, displayed):
    with pytest.raises(TypeError, match="thing must be a function or a class of a module"):
        source.show_source(thing)
    assert displayed == []

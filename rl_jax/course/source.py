"""The real source of a function or class, highlighted, so that what is shown is what runs."""

import ast
import inspect
import textwrap
from typing import Any

from IPython.display import Markdown, display

__all__ = ["show_source"]


def show_source(thing: Any) -> None:
    """Display a function's or class's source; docstrings are cut to their first line.

    Args:
        thing: a function or class of this package.

    Raises:
        TypeError: if it has no source, a number for example.

    Boilerplate for: notebooks/02, 03, 05, 06, 07.
    """
    try:
        if inspect.ismodule(thing):
            raise TypeError("a module is more than fits on a screen")
        source = inspect.getsource(thing)
    except (OSError, TypeError) as error:
        raise TypeError(
            f"thing must be a function or a class of a module, but it is {thing!r}."
        ) from error
    place = f"# lives in {thing.__module__.replace('.', '/')}.py"
    display(Markdown("\n".join(["```python", place, shown(source), "```"])))


def shown(source: str) -> str:
    """The source with one line for each docstring.

    Args:
        source: of one function or class.
    """
    lines = textwrap.dedent(source).rstrip().splitlines()
    documented = (ast.FunctionDef, ast.ClassDef)
    nodes = [n for n in ast.walk(ast.parse("\n".join(lines))) if isinstance(n, documented)]
    for node in sorted(nodes, key=lambda node: -node.lineno):  # from the end: numbers stay right
        if ast.get_docstring(node) is None:
            continue
        first, last = node.body[0].lineno, node.body[0].end_lineno
        if last > first:
            lines[first - 1 : last] = [lines[first - 1] + '"""']
    return "\n".join(lines)

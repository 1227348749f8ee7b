"""What can be said of a wrong answer, whatever the exercise: its kind, its shape, its numbers.

A check names a misconception where it knows one. Where it does not, a fact is what is left, and it
must be true of the answer: wrong sign, the right numbers times 2, right so far.
"""

import re
from collections.abc import (
    Callable,
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from typing import Any, NamedTuple

import jax
import numpy as np

from rl_jax.validate import as_float

__all__ = [
    "of_error",
    "of_form",
    "of_kind",
    "of_places",
    "of_relation",
    "of_size",
    "of_use",
    "same",
]


class Words(NamedTuple):
    """What a learner reads."""

    why: str  # the headline
    hint: str


def same(got: Any, right: Any) -> bool:
    """Whether `got` will do for `right`: numbers, in any type that holds them, nearly.

    Floats to 0.2 %, whole numbers to 0.001 %, both to 0.0001 around 0.

    Args:
        got: a number, an array, a dictionary, a text, an exception, ...
        right: likewise; an exception's class stands for any error of exactly this class.

    Boilerplate for: `checks`.
    """
    if isinstance(got, Exception):
        if isinstance(right, type):
            return type(got) is right
        is_of_a_library = type(got).__module__ != "builtins"  # its words hold addresses and shapes
        return type(got) is type(right) and (is_of_a_library or str(got) == str(right))
    if isinstance(right, Mapping):
        is_alike = isinstance(got, Mapping) and got.keys() == right.keys()
        return is_alike and all(same(got[name], right[name]) for name in right)
    try:
        numbers, right_numbers = _floats(got), _floats(right)
        rough = 2e-3 if np.asarray(right).dtype.kind == "f" else 1e-5  # half precision will do
        is_fitting = numbers.shape == right_numbers.shape
        return is_fitting and np.allclose(numbers, right_numbers, rtol=rough, atol=1e-4)
    except (AttributeError, TypeError, ValueError):  # ragged, or no numbers
        if isinstance(right, list | tuple) and type(got) is type(right):
            return len(got) == len(right) and all(map(same, got, right))
        return type(got) is type(right) and _are_equal(got, right)


def _are_equal(got: Any, right: Any) -> bool:
    """By `==`, of two things of one type; of arrays that hold no numbers in each place."""
    if isinstance(right, np.ndarray | jax.Array):
        return got.shape == right.shape and bool(np.all(got == right))
    return bool(got == right)


def _floats(value: Any) -> np.ndarray:
    """Of a list, a Python number, a Fraction, any library's array of any dtype: its numbers."""
    array = np.asarray(value)
    if array.dtype == object:
        array = np.reshape([as_float(each) for each in array.flat], array.shape)
    return np.add(array, 0.0)


# An error


def _named(text: str, why: str, hint: str) -> tuple[re.Pattern, Words]:
    return re.compile(text), Words(why, hint)


ERRORS = [  # (what the error says, what to say of it); the first that fits
    _named(
        "^TracerArrayConversionError",
        "you handed a tracer to NumPy, or asked it for its numbers, and it has none yet",
        "jnp in place of np; and no float, .item() or .tolist() inside",
    ),
    _named(
        "^(TracerBoolConversionError|ConcretizationTypeError|TracerIntegerConversionError)",
        "you asked Python about a value that is not known yet: JAX is tracing",
        "no if, while, and, or, not, max, min, range, int or float on it: jnp.where chooses",
    ),
    _named(
        "^NonConcreteBooleanIndexError",
        "you picked by True and False, so a value would decide a shape",
        "jnp.where(condition, this, that) keeps the shape",
    ),
    _named(
        "^TypeError.*JAX arrays are immutable",
        "you wanted to change a JAX array in place",
        "arrays never change: `.at[...].set(...)` gives a changed copy",
    ),
    _named(
        "truth value of an (empty )?array",
        "you asked Python about a whole array: `if`, `not`, `and`, `or` know one answer only",
        "which array operation decides entry by entry?",
    ),
    _named(
        "xor does not accept|'bitwise_xor' not supported|for \\^: ",
        "`^` is no power in Python",
        "`**` is",
    ),
    _named(
        "exceptions must derive from BaseException",
        "you raised what is no error, a text for example",
        "raise ValueError(...), with the text inside",
    ),
    _named(
        "does not accept dtypes? [^.]*key<",
        "you calculated with random keys, and keys are no numbers",
        "jax.random.split and fold_in make new ones of them; all else draws",
    ),
    _named(
        "unexpected PRNG key type|JAX encountered invalid PRNG key data",
        "what you handed over is no random key of JAX",
        "a NumPy generator, or a number, is another thing: which of them were you given?",
    ),
    _named(
        "Generator' object has no attribute",
        "NumPy's generator has no method of this name",
        "three that it has: integers, choice, permutation",
    ),
    _named(
        "Cannot take a larger sample than population",
        "you wanted more entries than there are where you draw from",
        "how many are there to draw from, and how many do you draw?",
    ),
    _named(
        r"unsupported operand type\(s\) for .*'dict'",
        "you calculated with a dictionary as if it were one array",
        "jax.tree.map(function, tree, tree) reaches every array in it",
    ),
    _named(
        "where requires ndarray .*NoneType",
        "`jnp.where` was told what to take where the condition holds, and not what else",
        "jnp.where(condition, this, that): it wants both",
    ),
    _named(
        "requires ndarray or scalar arguments",
        "a function of JAX got a list, or something else, where it wants an array",
        "jnp.array(...) around it, or its parts one by one?",
    ),
    _named(
        "^TypeError: Expected a callable value",
        "you handed over the result of a call where the function itself is wanted",
        "no brackets behind it: jax.grad(f)(x), and vmap and jit likewise",
    ),
    _named(
        "Error interpreting argument .*type <class 'range'>|Using a non-tuple sequence",
        "JAX takes an array for an index, and you gave it a range or a list",
        "jnp.arange(n), or jnp.array([...])",
    ),
    _named(
        "Error interpreting argument .*type <class 'function'>",
        "you compiled a function to which a function is handed, and `jit` hands over arrays alone",
        "without `jit` around all of it? What is inside may be compiled",
    ),
    _named(
        "indices and arr must have the same number of dimensions",
        "`take_along_axis` wants an index with as many axes as the array",
        "x[:, None] has one axis more than x",
    ),
    _named(
        "with respect to argnums=",
        "`argnums` names an argument that your call does not have",
        "it counts from 0, and only arguments that are given by their place",
    ),
    _named(
        "(should|must) be callable",
        "you handed over a value where a function is wanted",
        "to choose between two values there is jnp.where",
    ),
    _named(
        "unhashable type",
        "a list, a dictionary or an array cannot be a key of a dictionary, nor lie in a set",
        "braces with a colon make a dictionary: name: value. To look something up, use an index",
    ),
    _named(
        r"'(int|float|bool)' has no len\(\)|len\(\) of unsized object",
        "you asked for the length of one number",
        "is it the number itself that you want?",
    ),
    _named(
        "^UnexpectedTracerError",
        "a value left what JAX was tracing by a side door: a list, or a variable from outside",
        "what comes out of a traced function is what it returns: of a scan's body, carry and y",
    ),
    _named(
        "vmap in_axes (must be|specification)",
        "`in_axes` does not fit the arguments that the mapped function gets",
        "jax.vmap(f, in_axes=(0, None))(a, b): an entry for each, and no argument by name",
    ),
    _named(
        "vmap must have at least one non-None",
        "you mapped over nothing: each of `in_axes` is None",
        "which argument has one row for each result?",
    ),
    _named(
        "vmap got inconsistent sizes",
        "`vmap` goes through the axes of several arguments in step, and these are not equally long",
        "None in `in_axes` hands an argument over whole: which one do all of them share?",
    ),
    _named(
        "map its argument along axis",
        "`vmap` was told of an axis that the array does not have",
        "0 is its first axis, None maps nothing: how many axes does each argument have?",
    ),
    _named(
        "must be of shape .* but it is",
        "a function of the package got an array of another shape",
        "which arguments does it take, in which order? And what does a scan hand to its body?",
    ),
    _named(
        "^TypeError: (gamma|tau|epsilon|learning_rate) must be a number, but",
        "a function of the package got something else where it wants a number",
        "in a notebook, Shift+Tab inside its brackets shows in which order the arguments come",
    ),
    _named(
        "accepts a single key",
        "several keys stand where one is wanted",
        "a split gives an array of keys: each of them has a name, or an index, of its own",
    ),
    _named(
        "with PRNGKey dtype cannot be converted|key<[^.]*not a valid dtype",
        "a key stands among your numbers, and keys are no numbers",
        "which of the things that you compute, or return, is a key?",
    ),
    _named(
        "must be a random key, but it is",
        "something else stands where a random key is wanted",
        "which argument comes first?",
    ),
    _named(
        r"got <(PjitFunction|function|jnp.ufunc)|type\n +<class '[\w.]*([fF]unction|ufunc)'",
        "`jax.tree.map` got things that are not alike, or the function at another place",
        "the function first, then trees of the same form",
    ),
    _named(
        "params argument does not appear valid",
        "Haiku's `apply` got something else where it wants the parameters",
        "apply(params, ...): the tree that `init` made, and it comes first",
    ),
    _named(
        "no leading axis to scan over",
        "a scan's inputs must have a first axis, one entry for each step, and yours have none",
        "jax.lax.scan(body, carry, inputs): in which order did you give them?",
    ),
    _named(
        "does not support string indexing",
        "you looked up a name in an array",
        "the dictionary is another argument: in which order do they come?",
    ),
    _named(
        "^RecursionError",
        "your function calls itself, again and again",
        "which function did you mean in its place?",
    ),
    _named(
        "^(IndexError|KeyError)",
        "you looked up a place or a name that is not there",
        "how many are there, from where are they counted, and in every case?",
    ),
    _named(
        "(too many|not enough) values to unpack",
        "the names on the left of an `=` are more, or fewer, than what comes from the right",
        "how many parts has it? A scan, a split and a step each give a certain number",
    ),
    _named(
        "must have the same shape, but they are",
        "you compare arrays of different shapes",
        "the two shapes stand in the error: which of your arrays has one that you did not expect?",
    ),
    _named(
        "Output was None",
        "what you differentiate returns nothing",
        "is there a `return` in it?",
    ),
    _named(
        "NoneType",
        "something in your code is None, and you went on with it",
        "which function that you call has no `return`, or changes a list in place?",
    ),
    _named(
        "^(NameError|UnboundLocalError)",
        "you used a name that nothing was given",
        "a typing error? A function knows its arguments, its own names and those of the page",
    ),
    _named(
        r"module 'jax(\.numpy)?' has no attribute 'stop_gradient'",
        "you looked for it in the wrong place",
        "it lives in jax.lax",
    ),
    _named(
        r"module 'jax' has no attribute 'tree_\w+'|attribute 'tree_\w+' was removed",
        "that is an older name, which JAX has dropped",
        "jax.tree.map, jax.tree.leaves and so on",
    ),
    _named(
        r"module 'jax(\.numpy)?' has no attribute '(no_grad|tensor|autograd|gather|unsqueeze|cat)'",
        "that is PyTorch's word, and this is JAX",
        "gradients flow where jax.grad asks for them, and jax.lax.stop_gradient holds them up",
    ),
    _named(
        r"module '[\w.]+' has no attribute",
        "you looked for a name where there is none",
        "a typing error, or does it live in another module?",
    ),
    _named(
        r"keyword argument '(dim|keepdim)'|no attribute '(float|long|detach|unsqueeze|backward|"
        r"gather|scatter|(load_)?state_dict|numpy|cpu|requires_grad|clone|permute|zero_grad|no_grad|"
        r"tensor|data|grad|parameters|(add|sub|mul|copy|fill|zero|clamp|lerp)_)'",
        "that is PyTorch's word, and this is JAX",
        "JAX's arrays have NumPy's methods, with `axis` and `keepdims`; jax.grad makes gradients",
    ),
    _named(
        "got an unexpected keyword argument",
        "you named an argument that the function does not have",
        "in a notebook, Shift+Tab inside the brackets shows which ones it has",
    ),
    _named(
        r"(?s)TypeError.*(returned a value of type|is not a valid JAX type)",
        "something in your code gives what is no array: a text, a function, a set",
        "inside `jit`, `vmap` and `scan` everything that comes out is an array",
    ),
    _named(
        r"pytree|Dict key mismatch|^ValueError: Expected (dict|list|tuple), got",
        "`jax.tree.map` walks over several trees at once, and these are not alike",
        "a single number is no tree: let the mapped function know it from outside",
    ),
    _named(
        "iteration over a 0-d array",
        "you took one number apart, as if it were several things",
        "the body of a scan gets the carry first, and then one input: did you swap them?",
    ),
    _named(
        "'tuple' object has no attribute",
        "you went on with several things as if they were one",
        "what you called returns more than one: a scan (carry, ys), a step five",
    ),
    _named(
        "neg does not accept dtype bool|boolean negative",
        "a minus before True and False says nothing",
        "~ turns each of them round",
    ),
    _named(
        "read-only",
        "you wanted to write into an array that may only be read",
        "a copy of your own can be changed: who made this one?",
    ),
    _named(
        "bad operand type for abs",
        "a list, or a tuple, has no size of its own",
        "one number at a time, or all of them as an array",
    ),
    _named(
        "(ncompatible shapes|not be broadcast|shapes must be equal|got incompatible)",
        "two arrays in your code do not fit each other",
        "print both shapes: what does each axis stand for?",
    ),
    _named(
        "axis -?[0-9]+ is out of bounds",
        "you named an axis that the array does not have",
        "print its shape: how many axes does it have, and from where are they counted?",
    ),
    _named(
        "is not callable",
        "you called what is no function",
        "which brackets call, and which look up?",
    ),
    _named(
        r"takes .*positional arguments? but|missing \d+ required positional",
        "a function in your code gets another number of arguments than it takes",
        "who calls it, and with what?",
    ),
    _named(
        "must be initialized inside an `hk.transform`",
        "you called Haiku's layers outside of Haiku, where they have no weights",
        "hk.transform turns the function around them into two pure ones: init and apply",
    ),
    _named(
        "Init must be called with an RNG",
        "Haiku's `init` got something else where it wants a random key",
        "init(key, inputs): the key comes first",
    ),
    _named(
        "Apply must be called with an RNG",
        "Haiku's `apply` got something else where it wants a random key, or None",
        "apply(params, key, inputs); hk.without_apply_rng drops the key",
    ),
    _named(
        "Must be called with the result of `hk.transform",
        "`hk.without_apply_rng` got a plain function",
        "what comes between the function and it?",
    ),
    _named(
        "with retrieved shape",
        "the weights that you handed over have other shapes than the network's",
        "print the shapes of the tree that `init` made, and of yours",
    ),
    _named(
        "Unable to retrieve parameter",
        "the network looked for weights that it was not given",
        "the weights come from `init` of the same network, all of them, under the same names",
    ),
    _named(
        r"'function' object has no attribute '(init|apply)'",
        "you asked a plain function for `init` or `apply`",
        "what hk.transform returns has both",
    ),
    _named(
        "Gradient only defined for scalar-output",
        "what you differentiate gives more than one number",
        "`grad` wants a function that returns one: a mean, say",
    ),
]


def of_error(error: Exception) -> Words | None:
    """What an error says of the code, if it is one of the usual ones.

    Args:
        error: that the learner's code raised.

    Boilerplate for: `checks`.
    """
    said = f"{type(error).__name__}: {error}"
    return next((words for pattern, words in ERRORS if pattern.search(said)), None)


# Another number of numbers


def of_size(
    given: Sequence[Any], wanted: Sequence[Any], place: int, arguments: Sequence[Mapping[str, Any]]
) -> Words | None:
    """What the answer's shape follows, where it is not what it should follow.

    Args:
        given: what the answer gave, in each case; exceptions too.
        wanted: what is right, likewise.
        place: of the case that is shown.
        arguments: of each case.

    Boilerplate for: `checks`.
    """
    right = wanted[place]
    if not isinstance(right, Mapping):
        return _of_shapes(given, wanted, place, arguments)
    for name in right:
        entries = [_entry(each, name) for each in given]
        words = _of_shapes(entries, [_entry(each, name) for each in wanted], place, arguments)
        if words:
            return Words(f"{words.why}, in `{name}`", words.hint)
    return None


def _of_shapes(
    given: Sequence[Any], wanted: Sequence[Any], place: int, arguments: Sequence[Mapping[str, Any]]
) -> Words | None:
    shapes, right_shapes = list(map(_shape, given)), list(map(_shape, wanted))
    shape, right_shape = shapes[place], right_shapes[place]
    if shape is None or right_shape is None or shape == right_shape:
        return None
    rows = _followed(shapes, arguments)
    if right_shape == () and rows:
        return Words(
            f"you have a number for each entry of `{rows[0]}`, and one in all is wanted",
            "a mean, a sum: what makes one number of them, and at which point?",
        )
    if len(shape) == len(right_shape) and _is_the_same_throughout(shapes, right_shapes):
        return Words(
            f"the shape of your answer is {shape} whatever the input is, and {right_shape} is "
            "wanted here",
            "is a length written down? Or do you use an array that you were not given?",
        )
    lengths = {
        name: np.shape(value) for name, value in arguments[place].items() if _is_array(value)
    }
    tables = [name for name, length in lengths.items() if length == right_shape + shape]
    if len(right_shape) == 1 and len(shape) == 1 and tables:
        return Words(
            f"you have a number for each column of `{tables[0]}`, and one for each row is wanted",
            "which axis is to go, the first one or the last?",
        )
    return None


def _followed(shapes: Sequence, arguments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The arguments that are as long as the answer in all cases, in two lengths at least."""
    known = [(shape, case) for shape, case in zip(shapes, arguments, strict=True) if shape]
    if len({shape for shape, _ in known}) < 2:
        return []

    def is_followed(name):
        values = [(shape, case[name]) for shape, case in known]
        return all(_is_array(value) and value.shape[:1] == shape for shape, value in values)

    return list(filter(is_followed, known[0][1]))


def _is_array(value: Any) -> bool:
    """True for NumPy's and JAX's."""
    return isinstance(value, np.ndarray | jax.Array)


def _is_the_same_throughout(shapes: Sequence, right_shapes: Sequence) -> bool:
    """Whether the answer's shape stays where the right one changes; errors have none."""
    known = [pair for pair in zip(shapes, right_shapes, strict=True) if pair[0] is not None]
    different, right_ones = map(set, zip(*known, strict=True))
    return len(different) == 1 and len(right_ones) > 1


def _entry(value: Any, name: Any) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of its numbers, or None if it holds something else."""
    if value is None or isinstance(value, Exception | Mapping | str):
        return None
    try:
        return _floats(value).shape
    except (AttributeError, TypeError, ValueError):
        return None


# Another kind of thing


def of_form(got: Any, right: Any) -> Words | None:
    """What keeps an answer from being right whatever its numbers are: the first thing to say.

    Args:
        got: what the answer gave; no exception.
        right: what is right.

    Boilerplate for: `checks`.
    """
    if isinstance(right, Mapping) and isinstance(got, Mapping) and got.keys() == right.keys():
        if any(isinstance(value, str) for value in got.values()):
            return None  # these are facts that the check has found, and words among them
        entries = (_of_entry(name, got[name], right[name]) for name in right)
        return next(filter(None, entries), None)
    if _is_only_shaped_wrongly(got, right):
        return _of_shape(got, right)
    return _of_no_value(got)


def of_kind(got: Any, right: Any) -> Words | None:
    """Another kind of thing than the right one, or another shape.

    Args:
        got: what the answer gave; no exception.
        right: what is right.

    Boilerplate for: `checks`.
    """
    if isinstance(right, Mapping):
        return _of_keys(got, right)
    return _of_no_numbers(got, right) or _of_shape(got, right)


def _of_no_value(got: Any) -> Words | None:
    """Of what is never right: something that would give a value, and was not asked."""
    if callable(got):
        return Words("you returned a function", "call it, and return what comes back")
    if isinstance(got, list | tuple) and any(map(callable, got)):
        return Words(
            "there is a function among what you returned",
            "brackets behind its name call it, and without them it is the function itself",
        )
    if isinstance(got, Iterator | range):
        return Words(
            f"you returned {_kind(got)}, which gives nothing before it is asked",
            "list(...) around it; or an array from the start",
        )
    if isinstance(got, set | frozenset):
        return Words("you returned a set, which has no order", "brackets in place of braces")
    return None


def _of_no_numbers(got: Any, right: Any) -> Words | None:
    what = f"you returned {_kind(got)}, where {_kind(right)} is wanted"
    if isinstance(got, Mapping):
        return Words(what, "return its content")
    if isinstance(got, str) and not isinstance(right, str):
        return Words(what, "no quotes, and no str(...)")
    if isinstance(right, str) and not isinstance(got, str):
        return Words(what, "look at `expected`")
    if isinstance(right, bool) and _is_no_flag(got):
        return Words(what, "a comparison gives one, and so does `not`")
    if _is_text(got) and not _is_text(right):
        return Words("you returned texts, where numbers are wanted", "no quotes, and no str(...)")
    found = _numbers(got)
    if np.iscomplexobj(found):
        return Words(
            "your numbers are complex, where real ones are wanted", "where does a j come in?"
        )
    if found is not None and found.size and not np.isfinite(found).any():
        return Words(
            "your numbers are no numbers any more: NaN, or infinite",
            "what divides by 0, takes a root of less than 0, or is made of NaN already?",
        )
    return None


def _of_keys(got: Any, right: Mapping) -> Words | None:
    names = ", ".join(map(str, right))
    if not isinstance(got, Mapping):
        return Words(
            f"you returned {_kind(got)}, where a dictionary is wanted", f"its keys are {names}"
        )
    if got.keys() != right.keys():
        return Words(
            "your dictionary has other keys than the expected one", f"its keys are {names}"
        )
    return None


def _of_entry(name: Any, got: Any, right: Any) -> Words | None:
    """What is wrong with one entry, where a look at its numbers would not tell."""
    if got is None:
        return Words(
            f"your `{name}` is None, which says nothing",
            "where it is made, by a function perhaps that is mapped: is a `return` missing?",
        )
    if isinstance(right, Mapping):
        return of_form(got, right)
    if not _is_only_shaped_wrongly(got, right):
        return None
    words = _of_shape(got, right)
    return Words(f"{words.why}, in `{name}`", words.hint)


SEVERAL = Words(
    "you gave several things, and one is wanted", "that one alone, or what they make together"
)


def _of_shape(got: Any, right: Any) -> Words | None:
    try:
        shape, wanted = np.shape(got), np.shape(right)
    except ValueError:
        if isinstance(got, tuple):
            return SEVERAL
        return Words(
            "your numbers make no array: their rows have different lengths", "count each row"
        )
    if shape == wanted:
        return None
    if isinstance(got, tuple) and not isinstance(right, tuple | list) and len(shape) != len(wanted):
        return SEVERAL
    what = f"the shape is {shape}, and {wanted} is wanted"
    if _is_only_shaped_wrongly(got, right):
        is_an_axis = [n for n in shape if n != 1] == [n for n in wanted if n != 1]
        hint = "add or drop an axis" if is_an_axis else "which axis comes first? Do not reshape"
        return Words(f"right numbers, wrong shape: {what}", hint)
    hint = "what does each axis stand for?"
    if len(shape) < len(wanted):
        hint = "an axis is missing: did an index, a mean or a maximum take it away?"
    elif len(shape) > len(wanted):
        hint = "there is an axis too many: what of it was to be chosen, or added up?"
    return Words(f"wrong shape: {what}", hint)


def _is_only_shaped_wrongly(got: Any, right: Any) -> bool:
    if isinstance(got, Mapping) or isinstance(right, Mapping | str):
        return False
    try:
        is_reshaped = np.shape(got) != np.shape(right) and np.size(got) == np.size(right)
        return is_reshaped and same(np.ravel(got), np.ravel(right))
    except ValueError:  # ragged
        return False


def _is_no_flag(value: Any) -> bool:
    """Whether it is one number, and neither 0 nor 1."""
    numbers = None if isinstance(value, list | tuple) else _numbers(value)
    return numbers is not None and np.ndim(value) == 0 and numbers[0] not in (0, 1)


def _is_text(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "US"
    except (TypeError, ValueError):
        return False


def _kind(value: Any) -> str:
    names = {
        str: "a text",
        dict: "a dictionary",
        tuple: "a tuple",
        list: "a list",
        bool: "True or False",
    }
    for kind, name in names.items():
        if isinstance(value, kind):
            return name
    if isinstance(value, Iterator | range | KeysView | ValuesView | ItemsView):
        return f"a {type(value).__name__}"
    return "one number" if np.ndim(value) == 0 else "an array"


# The same kind, but other numbers


def of_relation(given: Sequence[Any], wanted: Sequence[Any]) -> Words | None:
    """How the numbers lie to the right ones, if they all lie so.

    Args:
        given: what the answer gave, in each case.
        wanted: what is right, likewise.

    Boilerplate for: `checks`.
    """
    pairs = [(_numbers(got), _numbers(right)) for got, right in zip(given, wanted, strict=True)]
    if not all(_are_alike(*pair) for pair in pairs):
        return None
    return _relation(*(np.concatenate(several) for several in zip(*pairs, strict=True)))


def of_places(got: Any, right: Any, place: int) -> Words | None:
    """Which of the numbers are wrong, or that this is the first case in which they are.

    Args:
        got: what the answer gave in the first case that is wrong.
        right: what is right there.
        place: of this case.

    Boilerplate for: `checks`.
    """
    pair = _numbers(got), _numbers(right)
    if not _are_alike(*pair):
        return None
    if isinstance(right, Mapping):
        return _which_entry(got, right)
    return _of_near(*pair) or _which_place(*pair, np.shape(right)) or _right_so_far(place)


def _numbers(value: Any) -> np.ndarray | None:
    """All numbers of a tree, one after the other; None if it holds something else."""
    try:
        leaves = [np.ravel(_floats(leaf)) for leaf in jax.tree.leaves(value)]
    except (AttributeError, TypeError, ValueError):
        return None
    return np.concatenate(leaves) if leaves else None


def _are_alike(got: np.ndarray | None, right: np.ndarray | None) -> bool:
    return got is not None and right is not None and got.shape == right.shape


CLOSE = Words(
    "your numbers are close to the right ones, and not the same",
    "do you round, or estimate where you could calculate?",
)

RELATIONS: list[tuple[Callable[[np.ndarray, np.ndarray], bool], Words]] = [
    (
        lambda got, right: len(np.unique(got)) == 1,
        Words("all your numbers are the same", "which of the arguments does your answer use?"),
    ),
    (
        lambda got, right: same(got, -right),
        Words("right numbers, wrong sign", "plus, or minus? Which comes first?"),
    ),
    (
        lambda got, right: same(got, np.trunc(right)) or same(got, np.round(right)),
        Words("you cut or rounded to whole numbers", "keep what comes after the point"),
    ),
    (
        lambda got, right: same(got, np.abs(right)),
        Words("you dropped the signs", "is a number below 0 fine here?"),
    ),
    (
        lambda got, right: any(same(got, np.round(right, places)) for places in (1, 2, 3)),
        Words("you rounded your numbers", "keep all that comes after the point"),
    ),
    (
        lambda got, right: _are_all_near(got, right),
        CLOSE,
    ),
    (
        lambda got, right: same(got, right + 1),
        Words("each of your numbers is 1 too large", "from where do you count, and up to where?"),
    ),
    (
        lambda got, right: same(got, right - 1),
        Words("each of your numbers is 1 too small", "from where do you count, and up to where?"),
    ),
]


def _are_all_near(got: np.ndarray, right: np.ndarray) -> bool:
    is_right = np.isclose(got, right, rtol=2e-3, atol=1e-4)
    return bool(np.allclose(got, right, rtol=0.1, atol=0.0) and 2 * is_right.sum() < len(right))


def _relation(got: np.ndarray, right: np.ndarray) -> Words | None:
    """How all numbers lie to the right ones, if there are several of these."""
    if len(np.unique(right)) < 2 or np.isin(right, [0, 1]).all():
        return None
    if not np.isfinite(got).all():  # of which nothing can be said that holds for all
        return None
    words = next((words for holds, words in RELATIONS if holds(got, right)), None)
    if words:
        return words
    largest = np.argmax(np.abs(right))
    factor = got[largest] / right[largest]
    if np.isfinite(factor) and factor != 0 and same(got, factor * right):
        return Words(f"each of your numbers is the right one times {factor:.3g}", "why that?")
    return None


def _which_entry(got: Mapping, right: Mapping) -> Words | None:
    entries = list(_entries(got, right))
    wrong = [f"`{name}`" for name, is_right in entries if not is_right]
    if len(wrong) == len(entries):
        return None
    verb = "is" if len(wrong) == 1 else "are"
    return Words(f"only {' and '.join(wrong)} {verb} wrong", "how does that come about?")


def _entries(got: Mapping, right: Mapping, way: str = "") -> Iterator[tuple[str, bool]]:
    """(name, whether it is right) of everything in dictionaries, and in dictionaries in these."""
    for name in right:
        one, other = got[name], right[name]
        is_nested = isinstance(one, Mapping) and isinstance(other, Mapping)
        if is_nested and one.keys() == other.keys():
            yield from _entries(one, other, f"{way}{name}/")
        else:
            yield f"{way}{name}", same(one, other)


def _of_near(got: np.ndarray, right: np.ndarray) -> Words | None:
    return CLOSE if right.any() and np.allclose(got, right, rtol=0.02, atol=0.0) else None


def _which_place(got: np.ndarray, right: np.ndarray, shape: tuple[int, ...]) -> Words | None:
    """Which numbers are wrong, of an array of this shape."""
    if got.size > 1 and same(np.sort(got), np.sort(right)):
        return Words("right numbers, in another order", "which belongs to which place?")
    wrong = [not same(one, other) for one, other in zip(got, right, strict=True)]
    if not 0 < sum(wrong) < len(wrong):
        return None
    first = [int(i) for i in np.unravel_index(wrong.index(True), shape)]
    count = f"{len(wrong) - sum(wrong)} of {len(wrong)} places"
    return Words(f"right in {count}, wrong first at {first}", "what is special about this one?")


def _right_so_far(place: int) -> Words | None:
    return Words("right so far, and wrong for this input", "what is new in it?") if place else None


# An argument that is not used, or too much

LEAST_MOVE = 1e-2  # of the right answer, for a factor to be told


def of_use(
    answer: Callable, right: Callable, cases: Sequence[Mapping[str, Any]], place: int
) -> Words | None:
    """Which argument changes what is right, and the answer not, or by another amount.

    Args:
        answer: of the learner; it is called again for each argument, and in each case perhaps.
        right: a function that is right.
        cases: the arguments of each case.
        place: of the case that is shown.

    Boilerplate for: `checks`.
    """
    functions = (answer, right)
    arguments = cases[place]
    unused = next((name for name in arguments if _is_unused(functions, cases, name)), None)
    if unused is not None:
        return Words(UNUSED.why.format(name=unused), UNUSED.hint)
    factors = {name: _factor(functions, arguments, name) for name in arguments}
    for fits, words in MOVES:
        for name, found in factors.items():
            if found and fits(*found):
                return Words(words.why.format(name=name, factor=found[0]), words.hint)
    return None


UNUSED = Words(
    "your answer is the same whatever `{name}` is",
    "the right one changes with it. Did you write a number down?",
)


MOVES = [  # (of (factor, count of numbers) whether this holds, what to say)
    (
        lambda factor, count: abs(factor + 1) < 1e-2,
        Words("where `{name}` grows, your answer goes the other way", "plus, or minus?"),
    ),
    (
        # of one number there always is some factor; and near 0 it may be a limit that holds it
        lambda factor, count: count > 1 and abs(factor - 1) > 1e-2 and abs(factor) > 1e-2,
        Words(
            "where `{name}` changes, your answer changes {factor:.3g} times as much as the right "
            "one",
            "what is done to it, and should be?",
        ),
    ),
]


def _with_another(functions: Sequence, arguments: Mapping[str, Any], name: str) -> list:
    """What the functions give, in numbers, with another value of this argument."""
    return _in_numbers(functions, dict(arguments) | {name: _another(arguments[name])})


def _in_numbers(functions: Sequence, arguments: Mapping[str, Any]) -> list:
    """What the functions give, in numbers; nothing if one of them fails."""
    try:
        return [_numbers(function(*arguments.values())) for function in functions]
    except Exception:  # an argument may make no sense, an answer fail at a later call
        return [None, None]


def _is_unused(functions: Sequence, cases: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether another value changes what is right in some case, and the answer in none."""
    moves = (_moves(functions, arguments, name) for arguments in cases)
    known = [move for move in moves if move is not None]
    is_still = all(not moved.any() for moved, _ in known)
    return is_still and any(_is_a_move(should) for _, should in known)


def _factor(
    functions: Sequence, arguments: Mapping[str, Any], name: str
) -> tuple[float, int] | None:
    """How many times as much the answer moves as is right, if that is so of all its numbers.

    Args:
        functions: the answer, and a right one.
        arguments: of a case.
        name: of the one to change.

    Returns:
        The factor, and of how many numbers.
    """
    moves = _moves(functions, arguments, name)
    if moves is None or not _is_a_move(moves[1]):
        return None
    moved, should = moves
    largest = np.argmax(np.abs(should))
    factor = moved[largest] / should[largest]
    fits = np.allclose(moved, factor * should, rtol=1e-2, atol=1e-3)
    return (float(factor), moved.size) if fits else None


def _is_a_move(difference: np.ndarray) -> bool:
    return bool(np.abs(difference).max(initial=0.0) >= LEAST_MOVE)


def _moves(
    functions: Sequence, arguments: Mapping[str, Any], name: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """By how much the answer and the right one move with another value of this argument."""
    before = _in_numbers(functions, arguments)
    after = _with_another(functions, arguments, name)
    if not (_are_alike(*before) and _are_alike(*after) and _are_alike(before[0], after[0])):
        return None
    if not all(np.isfinite(numbers).all() for numbers in (*before, *after)):
        return None
    moved, should = (new - old for new, old in zip(after, before, strict=True))
    return moved, should


def _another(value: Any) -> Any:
    """A value like this one, with other numbers where they are no whole ones."""

    def other(leaf):
        return 0.7 * leaf + 0.05 if np.asarray(leaf).dtype.kind == "f" else leaf

    return jax.tree.map(other, value)

"""Checks at the door: what was expected, what came, and what will likely mend it.

A check returns what it understood (a Python number, an array), and its caller goes on with that;
or it raises, before anything has been done. (Some return nothing, for example `key` and `params`:
what they let pass will do as it is.) NumPy's and JAX's numbers are taken where Python's
are. Inside `jit` a value has a shape and a dtype and no number yet: those are checked, and the
number passes.

This module is for the package's own use: no notebook needs it.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.typing import JaxTensor

MOST_STEPS = 2**31 - 1  # steps are counted in 32 bits, as JAX counts unless told otherwise
NO_NUMBERS = "OSUMm"  # NumPy's kinds of dtype for objects, text and times
RAW_KEYS = ((2,), (4,))  # words of an older key, by generator: threefry's, and rbg's
SMALLEST = 2.0**-126  # above 0, of a normal float of 32 bits: XLA computes with less as with 0
MOST_SEEDS = 2**32  # `jax.random.key` looks at 32 bits of a seed, and drops the rest in silence


def is_traced(*values: Any) -> bool:
    """True where `jit`, `vmap` or `grad` looks on: then there is a shape, and no number yet."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(values))


def is_inside_a_program() -> bool:
    """True while `jit` or `scan` traces: nothing that is computed there has a value yet."""
    return is_traced(jnp.add(0, 0))


@lru_cache
def compiler_option(name: str, value: str | int) -> dict[str, str | int]:
    """This one of XLA's options for `jax.jit`, or none if this XLA does not know it.

    Args:
        name: of the option. It may spare time, and must not change results.
        value: what to set it to.
    """
    option = {name: value}
    # Another XLA has other names. And somebody may ask while JAX traces something else, where no
    # program may have options of its own.
    try:
        with jax.ensure_compile_time_eval():
            jax.jit(lambda: 0, compiler_options=option)()
    except Exception:
        return {}
    return option


# One number


def real(name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """The Python float that `value` means: finite, and between `low` and `high`, both included.

    Args:
        name: what to call it in a message.
        value: a number of Python's, NumPy's or JAX's.
        low: the smallest that is allowed.
        high: the largest that is allowed.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is not finite, or out of range.
    """
    number = _scalar(name, value, "a real number")
    if not _is_finite(np.float64(as_float(number))):
        raise ValueError(f"{name} must be finite as a 32-bit float, but it is {short(value)}.")
    if not low <= number <= high:
        raise ValueError(f"{name} must lie {_range(low, high)}, but it is {short(value)}.")
    return float(number)


def whole(
    name: str,
    value: Any,
    least: int = 0,
    most: int | None = None,
    why_least: str = "",
    why_most: str = "",
) -> int:
    """The Python int that `value` means; 3e3 and NumPy's and JAX's numbers will do.

    Args:
        name: what to call it in a message.
        value: a whole number, in any type.
        least: the smallest that is allowed.
        most: the largest that is allowed, or None.
        why_least: the reason for that limit, or a likely fix: a sentence for the message's end.
        why_most: likewise.

    Raises:
        TypeError: if it is no number.
        ValueError: if it is not whole, or out of range.
    """
    number = _scalar(name, value, "a whole number")
    if not isinstance(number, int) and not (isinstance(number, float) and number.is_integer()):
        raise ValueError(f"{name} must be a whole number, but it is {short(value)}.")
    if number < least:
        message = f"{name} must be at least {least:,}, but it is {short(value)}. {why_least}"
        raise ValueError(message.rstrip())
    if most is not None and number > most:
        message = f"{name} must be at most {most:,}, but it is {short(value)}. {why_most}"
        raise ValueError(message.rstrip())
    return int(number)


def count(name: str, value: Any, least: int = 1, why_least: str = "") -> int:
    """A number of steps, units, ... as an int of at least 1 that fits into 32 bits.

    Args:
        name: what to call it in a message.
        value: a whole number, in any type.
        least: the smallest that is allowed.
        why_least: as in `whole`.

    Raises:
        TypeError: as `whole`.
        ValueError: as `whole`.
    """
    return whole(name, value, least, MOST_STEPS, why_least, "Steps are counted in 32 bits.")


def flag(name: str, value: Any) -> bool:
    """The Python bool that `value` means.

    Raises:
        TypeError: if it is neither True nor False, of Python, NumPy or JAX.
    """
    if is_traced(value):
        raise TypeError(_must_be_known(name, value, "True or False"))
    dtype = getattr(value, "dtype", None)
    if isinstance(value, bool) or (dtype == np.bool_ and np.shape(value) == ()):
        return bool(value)
    raise TypeError(f"{name} must be True or False, but it is {short(value)}.")


def choice(name: str, value: Any, options: Iterable[str]) -> str:
    """`value`, which is one of the options.

    Args:
        name: what to call it in a message.
        value: a text.
        options: that are allowed.

    Raises:
        ValueError: if it is not.
    """
    options = list(options)
    if isinstance(value, str) and value in options:
        return value
    allowed = " or ".join(f'"{option}"' for option in options)
    raise ValueError(f"{name} must be {allowed}, but it is {short(value)}.")


def sentence(name: str, value: Any, about: str) -> None:
    """Refuse an empty text, or none: for those who cannot see a picture it would be all there is.

    Args:
        name: what to call it in a message.
        value: anything.
        about: what it should say, for the message.

    Raises:
        ValueError: if it says nothing.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must say in a sentence {about}, but it is {short(value)}.")


def several(name: str, values: Any, check: Callable[[str, Any], Any]) -> tuple:
    """A tuple of numbers, each of which passes a check; a list or an array will do.

    Args:
        name: what to call it in a message.
        values: the numbers.
        check: the function (name, number) -> number.

    Raises:
        TypeError: if it is a single number or a text, and not a sequence; or as `check`.
        ValueError: as `check`.
    """
    if not isinstance(values, list | tuple) and getattr(values, "ndim", 0) != 1:
        example = f"({short(values)},)" if isinstance(values, int | float) else "() or (64, 64)"
        raise TypeError(
            f"{name} must be a sequence of numbers, but it is {short(values)}. Likely fix: a "
            f"tuple, as in {example}."
        )
    return tuple(check(f"{name}[{place}]", value) for place, value in enumerate(values))


def seed(name: str, value: Any) -> int:
    """A seed as an int in [0, 2**32).

    Raises:
        TypeError: if it is no number.
        ValueError: if it is not whole, or needs more bits than JAX looks at.
    """
    why = "JAX looks at 32 bits of a seed, so that a larger one would start like a smaller one."
    return whole(name, value, least=0, most=MOST_SEEDS - 1, why_most=why)


# Numbers that may be arrays, or traced


def unit_interval(name: str, value: float | JaxTensor, shape: tuple = ()) -> float | JaxTensor:
    """The value, which lies in [0, 1] in each of its elements; traced values pass.

    An array of integers becomes one of floats: 0 - 1 would be 255 in 8 bits without a sign.

    Args:
        name: what to call it in a message.
        value: a number, or one for each element of a batch.
        shape: the batch's.

    Raises:
        TypeError: if it holds no real numbers.
        ValueError: if one of them lies outside [0, 1], or is NaN, or the shape is another.
    """
    return _each(name, value, shape, lambda x: (x >= 0) & (x <= 1), "lie in [0, 1]")


def not_negative(name: str, value: float | JaxTensor, shape: tuple = ()) -> float | JaxTensor:
    """The value, finite and not negative in each of its elements; traced values pass.

    An array of integers becomes one of floats, as in `unit_interval`.

    Args:
        name: what to call it in a message.
        value: a number, or one for each element of a batch.
        shape: the batch's.

    Raises:
        TypeError: if it holds no real numbers.
        ValueError: if one of them is negative or not finite, or the shape is another.
    """
    return _each(name, value, shape, _is_not_negative, "be finite and not negative")


def positive(name: str, value: float | JaxTensor) -> float | JaxTensor:
    """A finite number above 0, as a Python float unless it is traced.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is 0, negative or not finite, or more than one number.
    """
    _each(name, value, (), _is_positive, "be finite and larger than 0 as a 32-bit float")
    return value if is_traced(value) else float(np.asarray(value))


def q_values(name: str, value: Any) -> JaxTensor:
    """[..., A] real numbers with at least one action, none of them NaN as far as they are known.

    Raises:
        TypeError: if they are no real numbers.
        ValueError: if there is no axis of actions, or no action on it, or a concrete one is NaN.
    """
    array = numbers(name, value)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(
            f"{name} must be [..., A], a number for each action, but the shape is {array.shape}."
        )
    if not is_traced(array) and np.isnan(np.asarray(array)).any():
        raise ValueError(
            f"{name} must be numbers, but some are NaN: has the training diverged? Likely fix: "
            "a lower learning rate."
        )
    return array


def numbers(name: str, value: Any) -> JaxTensor:
    """An array of real numbers, integers and bools taken as floats: uint8 would wrap around.

    Raises:
        TypeError: if `value` holds anything else.
    """
    if not isinstance(value, jax.Array) and not is_traced(value):
        value = _floats_of_integers(value)
    array = tensor(name, value)
    if jnp.issubdtype(array.dtype, jnp.complexfloating):
        raise TypeError(f"{name} must hold real numbers, but they are complex ({array.dtype}).")
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)


def tensor(name: str, value: Any) -> JaxTensor:
    """`value` as a JAX array; lists of numbers will do.

    Raises:
        TypeError: if it is ragged, or holds what is no number, or is a random key.
        ValueError: if it holds an integer of more bits than JAX's: that would wrap around.
    """
    if is_key(value):
        raise TypeError(
            f"{name} must be an array of numbers, but it is a random key. Likely fix: the "
            "arguments in their order."
        )
    if not isinstance(value, jax.Array) and not is_traced(value):
        value = _numpy_array(name, value)
    try:
        with np.errstate(over="ignore"):  # what is too large for 32 bits becomes infinite
            return jnp.asarray(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(_no_numbers(name, value, error)) from error


def _numpy_array(name: str, value: Any) -> np.ndarray:
    """The numbers in it, if JAX can keep them."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(_no_numbers(name, value, error)) from error
    if array.dtype == object and any(map(_is_wide, array.flat)):
        raise ValueError(_too_wide(name, 64, array))
    if array.dtype.kind in NO_NUMBERS:
        raise TypeError(_no_numbers(name, value, f"NumPy reads it as {array.dtype}"))
    if array.dtype.kind in "iu":
        _refuse_what_would_wrap(name, array)
    return array


def _is_wide(each: Any) -> bool:
    """An integer of more than 64 bits, which NumPy keeps as an object."""
    return type(each) is int and not -(2**63) <= each < 2**64


def _no_numbers(name: str, value: Any, why: object) -> str:
    return (
        f"{name} must be an array of numbers, but it is {short(value)} ({why}). Likely fix: "
        "numbers alone, without None or text, in rows of one length."
    )


def _refuse_what_would_wrap(name: str, integers: np.ndarray) -> None:
    """Those that need more bits than JAX keeps."""
    kept = np.iinfo(jax.dtypes.canonicalize_dtype(integers.dtype))
    if integers.size and not (kept.min <= integers.min() and integers.max() <= kept.max):
        raise ValueError(_too_wide(name, kept.bits, integers))


def _too_wide(name: str, bits: int, integers: np.ndarray) -> str:
    return (
        f"{name} must hold integers of at most {bits} bits, but it is {short(integers)}: "
        "more would wrap around. Likely fix: floats."
    )


def _floats_of_integers(value: Any) -> Any:
    """The same; integers, of however many bits, as floats."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        return value
    return array.astype(float) if array.dtype.kind in "iu" else value


def _of_dtype(name: str, value: Any, kind: Any, what: str, fix: str = "") -> JaxTensor:
    """An array of such a dtype, looked at while JAX traces, too."""
    array = tensor(name, value)
    if not jnp.issubdtype(array.dtype, kind):
        raise TypeError(f"{name} must be {what}, but it is {array.dtype}. {fix}".rstrip())
    return array


def one_number(name: str, value: Any) -> JaxTensor:
    """`value`, which is one float: a gradient is that of one.

    Raises:
        TypeError: if it is not a float.
        ValueError: if it is several.
    """
    if value is None:
        raise TypeError(f"{name} must be one number, but it is None. Likely fix: a return.")
    array = _of_dtype(name, value, jnp.floating, "a real number, a float")
    if array.shape != ():
        raise ValueError(
            f"{name} must be one number, but its shape is {array.shape}. Likely fix: a mean."
        )
    return array


def action(name: str, value: Any, n_actions: int | None = None) -> JaxTensor:
    """One integer, looked at while JAX traces: later it would be rounded, and say nothing.

    Args:
        name: what to call it in a message.
        value: an action.
        n_actions: how many there are, if that is known.

    Raises:
        TypeError: if it is no integer.
        ValueError: if it is several, or known and none of them.
    """
    fix = "Likely fix: argmax where max was meant, or .astype(int) for a bool."
    array = _of_dtype(name, value, jnp.integer, "an action, an integer", fix)
    if array.shape != ():
        raise ValueError(
            f"{name} must be one action, for one observation, but the shape is {array.shape}. "
            "Likely fix: one observation [O], or for a batch policy.greedy(network.apply(...))."
        )
    if n_actions is not None and not is_traced(value) and not 0 <= int(value) < n_actions:
        raise ValueError(f"{name} must lie in 0 .. {n_actions - 1}, but it is {short(value)}.")
    return array


def actions(name: str, value: Any, q_values: JaxTensor) -> JaxTensor:
    """[B] integers, one for each row of the Q-values [B, A], each below A as far as it is known.

    JAX would clamp an action that does not exist to one that does, and say nothing.

    Args:
        name: what to call them in a message.
        value: the actions.
        q_values: [B, A].

    Raises:
        TypeError: if they are not integers, or the Q-values no array.
        ValueError: if there is not one for each row, or one of them is no action, or this is no
            batch.
    """
    q_values = tensor("what the network returns", q_values)
    if q_values.ndim != 2:
        raise ValueError(
            f"the batch must be of one axis [B], but its Q-values have the shape {q_values.shape}. "
            "Likely fix for one transition: jax.tree.map(lambda x: x[None], transition)."
        )
    array = tensor(name, value)
    if not jnp.issubdtype(array.dtype, jnp.integer):
        raise TypeError(
            f"{name} must be integers, but they are {array.dtype}. Likely fix: .astype(int), "
            "after a look at why they are not."
        )
    if array.shape != q_values.shape[:-1]:
        raise ValueError(
            f"{name} must be {q_values.shape[:-1]}, one for each row of the Q-values, but the "
            f"shape is {array.shape}. Likely fix: .squeeze(-1)."
        )
    n_actions = q_values.shape[-1]
    if not is_traced(array) and array.size:
        known = np.asarray(array)
        if known.min() < 0 or known.max() >= n_actions:
            raise ValueError(
                f"{name} must lie in 0 .. {n_actions - 1}, one for each Q-value, but they go from "
                f"{known.min()} to {known.max()}."
            )
    return array


def steps(name: str, value: Any) -> JaxTensor:
    """Integers that count steps, not negative as far as they are known, of 32 bits at least.

    In 8 bits a limit of 500 would wrap around.

    Raises:
        TypeError: if they are not integers.
        ValueError: if one of them is negative.
    """
    fix = "Likely fix: the arguments in their order."
    array = _of_dtype(name, value, jnp.integer, "a count of steps, an integer", fix)
    if not is_traced(array) and (np.asarray(array) < 0).any():
        raise ValueError(f"{name} must not be negative, but it is {short(value)}.")
    return array.astype(jnp.promote_types(array.dtype, jnp.int32))


def flags(name: str, value: Any) -> JaxTensor:
    """Bools, or zeros and ones that stand for them, as far as they are known.

    Raises:
        TypeError: if they are no numbers.
        ValueError: if one of them is neither 0 nor 1.
    """
    array = tensor(name, value)
    if (
        array.dtype != bool
        and not is_traced(array)
        and not np.isin(np.asarray(array), (0, 1)).all()
    ):
        raise ValueError(f"{name} must be True or False, but they are {short(array)}.")
    return array.astype(bool)


def having(name: str, value: Any, members: Iterable[str], what: str, fix: str) -> None:
    """Refuse what lacks one of these attributes.

    Args:
        name: what to call it in a message.
        value: anything.
        members: the attributes' names.
        what: it should be, for the message.
        fix: the likely one, for the message.

    Raises:
        TypeError: if one is missing.
    """
    if isinstance(value, type) or not all(hasattr(value, member) for member in members):
        raise TypeError(f"{name} must be {what}, but it is {short(value)}. Likely fix: {fix}")


def params(name: str, value: Any) -> None:
    """Refuse what is not a tree of arrays or numbers, or holds more: a learner, a whole result.

    Raises:
        TypeError: if it has `params`, or is None, or has a leaf that holds no numbers.
    """
    if hasattr(value, "params"):
        raise TypeError(
            f"{name} must be a network's parameters, but it is a {type(value).__name__}. Likely "
            "fix: its `.params`."
        )
    if value is None or not all(map(_holds_numbers, jax.tree.leaves(value))):
        raise TypeError(
            f"{name} must be a network's parameters, but it is {short(value)}. Likely fix: "
            "result.params, or network.init(key, observations)."
        )


def _holds_numbers(leaf: Any) -> bool:
    if isinstance(leaf, int | float):
        return not isinstance(leaf, bool)
    return hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.number)


def network(name: str, value: Any, members: Iterable[str] = ("init", "apply")) -> None:
    """Refuse what is no pair of Haiku's pure functions, or a pair that needs more than parameters.

    Args:
        name: what to call it in a message.
        value: anything.
        members: which of the two are needed.

    Raises:
        TypeError: if it lacks one, has a state, or draws random numbers in `apply`.
    """
    having(name, value, members, "a network", "dqn.make_network(...).")
    import haiku  # here, for memories and environments need none of it

    if isinstance(value, haiku.TransformedWithState):
        raise TypeError(
            f"{name} must have parameters alone, but this one has a state as well, as "
            "hk.transform_with_state makes it. Likely fix: hk.transform, and layers without a "
            "state (LayerNorm in place of BatchNorm)."
        )
    if _arguments_of(value.apply)[1:2] == ["rng"]:
        raise TypeError(
            f"{name}.apply must be a function of (params, observations), but this one wants a "
            "random key between them, as hk.transform makes it. Likely fix: "
            "hk.without_apply_rng(network)."
        )


def _arguments_of(function: Callable) -> list[str]:
    """Their names, or none if it does not tell, as some that are written in C."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def optimizer(name: str, value: Any) -> None:
    """Refuse what is no optimizer of Optax's kind.

    Raises:
        TypeError: if it lacks `init` or `update`.
    """
    having(name, value, ("init", "update"), "an Optax optimizer", "optax.adam(1e-3), say.")


def function(name: str, value: Any, arguments: Sequence[str] | None = None) -> None:
    """Refuse what is not a function, or one that cannot be called with these arguments.

    Args:
        name: what to call it in a message.
        value: anything.
        arguments: the names of what it will get, by position; None where nobody knows.

    Raises:
        TypeError: if it cannot be called, or not so.
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function, but it is {short(value)}.")
    if arguments is None:
        return
    try:
        inspect.signature(value, follow_wrapped=False).bind(*arguments)
    except TypeError as error:
        wanted = ", ".join(arguments)
        is_short = "missing" in str(error)
        fix = "functools.partial, for what else it needs" if is_short else f"lambda {wanted}: ..."
        raise TypeError(
            f"{name} must be a function of ({wanted}), but this one cannot be called so: {error}. "
            f"Likely fix: {fix}."
        ) from error
    except ValueError:  # some that are written in C do not tell
        return


def hashable(name: str, value: Any) -> None:
    """Refuse what cannot be looked up among the compiled programs.

    Raises:
        TypeError: if it has no hash.
    """
    if not has_a_hash(value):
        raise TypeError(
            f"{name} must have a hash, by which its compiled program is kept, but a "
            f"{type(value).__name__} has none. Likely fix: @dataclass(frozen=True), or a function."
        )


def has_a_hash(value: Any) -> bool:
    """A list has none, nor has a dictionary or an array.

    Args:
        value: anything.
    """
    try:
        hash(value)
    except TypeError:
        return False
    return True


def alike(name: str, tree: Any, other_name: str, other: Any) -> None:
    """Refuse two trees that have other leaves, or leaves of other shapes.

    Args:
        name: what to call the first one in a message.
        tree: of arrays or numbers.
        other_name: what to call the second one.
        other: likewise.

    Raises:
        ValueError: if they are not alike.
    """
    shapes, other_shapes = (list(map(jnp.shape, jax.tree.leaves(each))) for each in (tree, other))
    if jax.tree.structure(tree) != jax.tree.structure(other) or shapes != other_shapes:
        forms = [jax.tree.map(jnp.shape, each) for each in (tree, other)]
        raise ValueError(
            f"{name} and {other_name} must be alike, but their shapes are {short(forms[0], 200)} "
            f"and {short(forms[1], 200)}. Likely fix: both of the same network."
        )


def same_form(name: str, tree: Any, other_name: str, other: Any) -> None:
    """Refuse two trees that are not alike, or whose leaves have other dtypes.

    Args:
        name: what to call the first one in a message.
        tree: of arrays or numbers.
        other_name: what to call the second one.
        other: likewise.

    Raises:
        ValueError: if they are not.
    """
    alike(name, tree, other_name, other)
    dtypes, others = (
        [jnp.result_type(leaf).name for leaf in jax.tree.leaves(each)] for each in (tree, other)
    )
    if dtypes != others:
        raise ValueError(
            f"{name} and {other_name} must have the same dtypes, but they are "
            f"{', '.join(sorted(set(dtypes)))} and {', '.join(sorted(set(others)))}. Likely fix: "
            "jax.tree.map(lambda new, old: new.astype(old.dtype), new, old)."
        )


def key(name: str, value: Any) -> None:
    """Refuse what is not one random key, of `jax.random.key` or of the older `PRNGKey`.

    Raises:
        TypeError: if it is no key, but a seed for example.
        ValueError: if it is several keys.
    """
    is_typed = is_key(value)
    is_raw = getattr(value, "dtype", None) == jnp.uint32 and np.shape(value)[-1:] in RAW_KEYS
    if not (is_typed or is_raw):
        raise TypeError(
            f"{name} must be a random key, but it is {short(value)}. Likely fix: "
            "jax.random.key(0), with your own seed for 0."
        )
    if np.ndim(value) != (0 if is_typed else 1):
        raise ValueError(
            f"{name} must be one random key, but it has the shape {np.shape(value)}. "
            "For several, use jax.vmap."
        )


def is_key(value: Any) -> bool:
    """True for a key or keys of `jax.random.key`; older ones are mere numbers.

    Args:
        value: anything.
    """
    dtype = getattr(value, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)


def _scalar(name: str, value: Any, what: str) -> Any:
    """The Python number in a 0-dimensional thing; bool and text do not count as numbers."""
    is_array = hasattr(value, "dtype") and hasattr(value, "item") and not is_key(value)
    if is_array and np.shape(value) == () and not is_traced(value):
        value = value.item()
    if is_traced(value):
        raise TypeError(_must_be_known(name, value, what))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be {what}, but it is {short(value)}.")
    return value


def _must_be_known(name: str, value: Any, what: str) -> str:
    return (
        f"{name} must be {what} that is known, but JAX is tracing it ({short(value)}). Likely fix: "
        "make it static (jit's static_argnums). A training takes gamma, epsilon and learning_rate "
        "as arguments of its own, and these may be traced."
    )


def _each(name: str, value: Any, shape: tuple, holds: Callable, what: str) -> Any:
    """The value, if it has this shape and all its elements hold; whole numbers as floats."""
    if is_traced(value):
        value = jnp.asarray(value)  # perhaps it is a list of traced ones
    else:
        known = _as_numpy(name, value)
        if not np.all(holds(known)):  # of NaN no comparison is true
            raise ValueError(f"{name} must {what}, but it is {short(value)}.")
    if np.shape(value) not in ((), shape):
        wanted = f"one number, or one for each of {shape}" if shape else "one number"
        raise ValueError(f"{name} must be {wanted}, but its shape is {np.shape(value)}.")
    dtype = getattr(value, "dtype", None)
    is_whole = dtype is not None and not jnp.issubdtype(dtype, jnp.floating)
    return value.astype(jnp.float32) if is_whole else value


def _is_finite(numbers: np.ndarray) -> np.ndarray:
    """True where a number is one in 32 bits, too: there JAX will compute with it."""
    with np.errstate(over="ignore"):
        return np.isfinite(numbers.astype(np.float32))


def _is_not_negative(numbers: np.ndarray) -> np.ndarray:
    """True where a number is 0 or more, and finite in 32 bits, too."""
    return (numbers >= 0) & _is_finite(numbers)


def _is_positive(numbers: np.ndarray) -> np.ndarray:
    """True where a number is above 0, and finite, in 32 bits, too."""
    with np.errstate(over="ignore"):
        kept = numbers.astype(np.float32)  # in 16 bits the smallest one would be 0 itself
    return (kept >= SMALLEST) & np.isfinite(kept)


def _as_numpy(name: str, value: Any) -> np.ndarray:
    """The real numbers in it."""
    if is_key(value):
        raise TypeError(
            f"{name} must be a number, but it is a random key. Likely fix: the arguments in their "
            "order."
        )
    try:
        known = np.asarray(value)
    except ValueError:  # ragged
        known = np.asarray(None)
    if known.dtype == object and all(type(each) in (int, float) for each in known.flat):
        known = np.reshape([as_float(each) for each in known.flat], known.shape)
    if known.dtype.kind not in "iuf" and not jnp.issubdtype(known.dtype, jnp.floating):
        raise TypeError(f"{name} must be a number, but it is {short(value)}.")
    return known


def as_float(number: Any) -> float:
    """The same as a Python float, infinite where an integer is too large for one.

    Args:
        number: of any type that `float` takes.
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _range(low: float, high: float) -> str:
    return f"in [{low:g}, {high:g}]" if high < math.inf else f"at or above {low:g}"


def short(value: Any, most: int = 60) -> str:
    """A value in a few words, for a message.

    Args:
        value: anything.
        most: characters.
    """
    try:
        text = " ".join((repr(value) if isinstance(value, str) else str(value)).split())
    except ValueError:  # Python does not write integers of more than some 4,300 digits
        return "too long to be written"
    return text if len(text) <= most else f"{text[:most]} ..."

"""The checks that all modules share: what passes, what does not, and in which words."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rl_jax import validate

NAN, INF = float("nan"), float("inf")
NO_NUMBER = [
    *("1", None, True, [1], (1,), {}, 1j, object(), np.array([1, 2]), np.bool_(True)),
    *(jax.random.key(0), jax.random.PRNGKey(0)),
]


@pytest.mark.parametrize(
    "value", [3, 3.0, 3e0, np.int8(3), np.float64(3), jnp.int32(3), jnp.array(3.0)]
)
def test_a_whole_number_in_any_type(value):
    number = validate.whole("n", value)
    assert type(number) is int and number == 3


@pytest.mark.parametrize("value", NO_NUMBER)
def test_what_is_no_number_is_a_type_error(value):
    for check in (validate.whole, validate.real, validate.count, validate.seed):
        with pytest.raises(TypeError, match=r"n must be a (whole|real) number, but it is "):
            check("n", value)


@pytest.mark.parametrize("value", [0.5, NAN, INF, -INF, np.float32(2.5)])
def test_what_is_not_whole(value):
    with pytest.raises(ValueError, match="n must be a whole number, but it is "):
        validate.whole("n", value)


def test_limits_of_whole_numbers():
    with pytest.raises(ValueError, match=r"n must be at least 5, but it is 4\. Because\."):
        validate.whole("n", 4, least=5, most=9, why_least="Because.", why_most="Not this.")
    with pytest.raises(ValueError, match=r"n must be at most 1,000, but it is 1001\. For that\.$"):
        validate.whole("n", 1001, most=1_000, why_least="Not this.", why_most="For that.")
    assert validate.count("n", 2**31 - 1) == 2**31 - 1
    for value in (0, -3, 2**31, 1e300, 10**400, -(10**400)):
        with pytest.raises(ValueError, match=r"n must be at (least 1|most 2,147,483,647)"):
            validate.count("n", value)


@pytest.mark.parametrize("value", [0.25, np.float32(0.25), jnp.float32(0.25), np.array(0.25)])
def test_a_real_number_in_any_type(value):
    number = validate.real("x", value)
    assert type(number) is float and number == 0.25


def test_limits_of_real_numbers():
    for value in (NAN, INF, -INF, 1e39, -(10**39), 10**400, -(10**400)):
        with pytest.raises(ValueError, match="x must be finite as a 32-bit float, but it is "):
            validate.real("x", value)
    with pytest.raises(ValueError, match=r"x must lie in \[0, 1\], but it is 1.5"):
        validate.real("x", 1.5, 0.0, 1.0)
    with pytest.raises(ValueError, match="x must lie at or above 0, but it is -1"):
        validate.real("x", -1, 0.0)


@pytest.mark.parametrize("value", [0, 7, 2**32 - 1, np.uint32(2**32 - 1), 5.0])
def test_seeds(value):
    assert validate.seed("seed", value) == int(value)


@pytest.mark.parametrize("value", [-1, 2**32, 2**32 + 1, 2**63, 2**200, 10**400])
def test_seeds_that_would_start_like_others(value):
    with pytest.raises(ValueError, match=r"seed must be at (least 0|most 4,294,967,295)"):
        validate.seed("seed", value)


@pytest.mark.parametrize("value", [True, np.True_, jnp.array(True)])
def test_a_flag_in_any_type(value):
    assert validate.flag("double", value) is True


@pytest.mark.parametrize("value", ["no", 1, 0.0, None, [True], np.array([True])])
def test_what_is_no_flag(value):
    with pytest.raises(TypeError, match="double must be True or False, but it is "):
        validate.flag("double", value)


def test_choices():
    assert validate.choice("optimizer", "sgd", {"adam": 1, "sgd": 2}) == "sgd"
    for value in ("lion", None, 3, ["sgd"]):
        with pytest.raises(ValueError, match='optimizer must be "adam" or "sgd", but it is '):
            validate.choice("optimizer", value, ("adam", "sgd"))


def test_several_numbers():
    for values in ([3, 4.0], (3, 4), np.array([3, 4]), jnp.array([3, 4])):
        assert validate.several("hidden", values, validate.count) == (3, 4)
    for values in (64, "64", None, {3, 4}, np.array(3), np.ones((2, 2))):
        with pytest.raises(TypeError, match="hidden must be a sequence of numbers, but it is "):
            validate.several("hidden", values, validate.count)
    with pytest.raises(ValueError, match=r"hidden\[1\] must be at least 1, but it is 0"):
        validate.several("hidden", (3, 0), validate.count)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(1), jnp.float32(0.1), jnp.bfloat16(0.5)])
def test_the_unit_interval(value):
    assert validate.unit_interval("gamma", value) is value


@pytest.mark.parametrize("one", [np.uint8(1), np.int64(1), jnp.uint32(1)])
def test_whole_numbers_become_floats_so_that_no_difference_wraps(one):
    assert validate.unit_interval("start", one).dtype == np.float32
    assert validate.not_negative("rate", one).dtype == np.float32
    assert validate.unit_interval("end", 0 * one) - validate.unit_interval("start", one) == -1
    traced = jax.jit(lambda value: validate.unit_interval("start", value))(one)
    assert traced.dtype == np.float32


@pytest.mark.parametrize("value", [-0.01, 1.01, NAN, INF, jnp.float32(-1), 10**400])
def test_outside_of_the_unit_interval(value):
    with pytest.raises(ValueError, match=r"gamma must lie in \[0, 1\], but it is "):
        validate.unit_interval("gamma", value)


def test_a_unit_interval_for_each_of_a_batch():
    validate.unit_interval("epsilon", [0.0, 0.5, 1.0], shape=(3,))
    validate.unit_interval("epsilon", 0.5, shape=(3,))
    with pytest.raises(ValueError, match=r"epsilon must lie in \[0, 1\]"):
        validate.unit_interval("epsilon", [0.0, 1.5, 1.0], shape=(3,))
    with pytest.raises(ValueError, match=r"one number, or one for each of \(3,\), .* is \(2,\)"):
        validate.unit_interval("epsilon", [0.0, 1.0], shape=(3,))
    with pytest.raises(ValueError, match=r"gamma must be one number, but its shape is \(2,\)"):
        validate.unit_interval("gamma", [0.0, 1.0])


def test_signs():
    validate.not_negative("x", [0.0, 3.0], shape=(2,))
    assert validate.positive("x", np.float32(0.5)) == 0.5
    for value in (-1e-9, NAN, INF, 1e39, 10**400, [1.0, -1.0], [1.0, 1e39], [1.0, 10**400]):
        with pytest.raises(ValueError, match="x must be finite and not negative"):
            validate.not_negative("x", value, shape=(2,))
    for value in (0.0, -1, NAN, INF, 1e39, 10**400, -(10**400)):
        with pytest.raises(ValueError, match="x must be finite and larger than 0"):
            validate.positive("x", value)
    for value in ("1", object(), True, 1j, [[1], [2, 3]], None):
        for check in (validate.positive, validate.not_negative, validate.unit_interval):
            with pytest.raises(TypeError, match="x must be a number, but it is "):
                check("x", value)


def test_traced_values_have_no_number_yet():
    def double(value):
        validate.unit_interval("gamma", value)
        validate.not_negative("gamma", value)
        validate.positive("gamma", value)
        return 2 * value

    assert jax.jit(double)(-3.0) == -6.0
    np.testing.assert_array_equal(jax.vmap(double)(jnp.array([-1.0, 2.0])), [-2.0, 4.0])
    assert jax.grad(double)(-3.0) == 2.0


@pytest.mark.parametrize("value", [[1, 2], (True, False), np.uint8([1, 2]), 3, jnp.ones(2)])
def test_numbers_become_floats(value):
    assert jnp.issubdtype(validate.numbers("x", value).dtype, jnp.floating)


@pytest.mark.parametrize(
    "value",
    [
        "text",
        ["a", "b"],
        None,
        [None, 1],
        [[1], [2, 3]],
        {"a": 1},
        object(),
        np.timedelta64(3, "s"),
    ],
)
def test_what_makes_no_array(value):
    with pytest.raises(TypeError, match="x must be an array of numbers, but it is "):
        validate.numbers("x", value)


@pytest.mark.parametrize("value", [[2**70], 10**400, [1, -(2**65)]])
def test_integers_that_numpy_has_no_room_for(value):
    for check in (validate.tensor, validate.numbers):
        with pytest.raises(ValueError, match="x must hold integers of at most 64 bits"):
            check("x", value)


def test_q_values_must_be_numbers():
    assert validate.q_values("x", [1.0, INF]).shape == (2,)
    with pytest.raises(ValueError, match="x must be numbers, but some are NaN"):
        validate.q_values("x", [1.0, NAN])


def test_complex_numbers_are_not_real():
    with pytest.raises(TypeError, match="x must hold real numbers, but they are complex"):
        validate.numbers("x", [1j])


@pytest.mark.parametrize("impl", ["threefry2x32", "rbg"])
def test_keys(impl):
    key = jax.random.key(0, impl=impl)
    validate.key("key", key)
    validate.key("key", jax.random.PRNGKey(0, impl=impl))
    jax.jit(lambda key: validate.key("key", key))(key)
    jax.vmap(lambda key: validate.key("key", key) or 0)(jax.random.split(key))


@pytest.mark.parametrize(
    "value", [0, None, "key", 1.5, np.zeros(2), np.zeros(3, np.uint32), [0, 0]]
)
def test_what_is_no_key(value):
    with pytest.raises(
        TypeError, match=r"key must be a random key, .* Likely fix: jax\.random\.key"
    ):
        validate.key("key", value)


def test_several_keys_are_not_one():
    for keys in (jax.random.split(jax.random.key(0)), jax.random.split(jax.random.PRNGKey(0))):
        with pytest.raises(ValueError, match=r"one random key, .* shape \(2.*use jax\.vmap"):
            validate.key("key", keys)


def test_a_long_value_is_cut_short_in_a_message():
    with pytest.raises(TypeError) as caught:
        validate.real("x", list(range(1_000)))
    assert len(str(caught.value)) < 150


def test_an_integer_that_python_does_not_write_out_is_refused_in_our_words():
    value = 10**5_000
    for check in (validate.real, validate.count, validate.seed, validate.unit_interval):
        with pytest.raises(ValueError, match=r"n must .*, but it is too long to be written"):
            check("n", value)
    assert validate.whole("n", value) == value
    validate.not_negative("n", 2**70)  # more than 64 bits, and a number all the same


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["outside", "while JAX traces"])
def test_a_compiler_option_is_there_if_xla_knows_it(wrap):
    asked = []

    def ask():
        asked.append(validate.compiler_option("xla_backend_optimization_level", 1))
        asked.append(validate.compiler_option("xla_no_such_option", 1))

    validate.compiler_option.cache_clear()
    wrap(ask)()
    assert asked == [{"xla_backend_optimization_level": 1}, {}]


@pytest.mark.parametrize(
    ("value", "example"), [(64, "(64,)"), (None, "() or (64, 64)"), ({3}, "() or (64, 64)")]
)
def test_the_fix_that_is_proposed_would_be_taken(value, example):
    with pytest.raises(TypeError, match=re.escape(f"as in {example}.")):
        validate.several("hidden", value, validate.count)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (jnp.float32(1.0), TypeError, "must be an action, an integer, but it is float32"),
        (True, TypeError, "must be an action, an integer, but it is bool"),
        (jnp.zeros(3, int), ValueError, "must be one action, .* but the shape is (3,)"),
    ],
)
def test_what_is_no_action(value, error, words):
    words = re.escape(words).replace(re.escape(".*"), ".*")
    for call in (lambda x: x, jax.jit(lambda x: validate.action("it", x))):
        with pytest.raises(error, match=words):
            validate.action("it", call(value))
    assert validate.action("it", np.int64(1)) == 1


def test_a_real_number_may_be_negative():
    assert validate.real("x", -5.0) == -5.0


@pytest.mark.parametrize("value", [1.0, [], [[], []]])
def test_q_values_have_an_axis_of_actions_with_something_on_it(value):
    with pytest.raises(ValueError, match=r"q must be \[\.\.\., A\], a number for each action"):
        validate.q_values("q", value)
    assert validate.q_values("q", [[1, 2]]).dtype == jnp.float32


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ([0.0, 1.0], TypeError, "a must be integers, but they are float32"),
        ([True, False], TypeError, "a must be integers, but they are bool"),
        ([0, 3], ValueError, r"a must lie in 0 \.\. 2, .* they go from 0 to 3"),
        ([-1, 0], ValueError, r"a must lie in 0 \.\. 2, .* they go from -1 to 0"),
        ([0], ValueError, "one for each row of the Q-values"),
    ],
)
def test_what_are_no_actions(value, error, words):
    with pytest.raises(error, match=words):
        validate.actions("a", value, jnp.zeros((2, 3)))


def test_actions_of_a_batch():
    for value in ([0, 2], np.array([2, 0], np.int8), jnp.array([1, 2])):
        assert validate.actions("a", value, jnp.zeros((2, 3))).tolist() == list(value)
    for value in (0, [[0, 1]]):
        with pytest.raises(ValueError, match="the batch must be of one axis"):
            validate.actions("a", value, jnp.zeros(3))


@pytest.mark.parametrize(
    "value", [[True, False], [1, 0], [1.0, 0.0], np.array([0, 1], np.uint8), 1]
)
def test_zeros_and_ones_are_flags(value):
    for read in (validate.flags, jax.jit(validate.flags, static_argnums=0)):
        flags = read("done", jnp.asarray(value))
        assert flags.dtype == bool
        np.testing.assert_array_equal(flags, np.asarray(value, bool))


@pytest.mark.parametrize("value", [[0, 2], [0.5], -1, [NAN]])
def test_what_are_no_flags(value):
    with pytest.raises(ValueError, match="done must be True or False, but they are "):
        validate.flags("done", jnp.asarray(value))


@pytest.mark.parametrize("value", [2**31, 2**32, 2**40, 2**63, -(2**63), np.array([2**40, 1])])
def test_integers_of_many_bits_do_not_wrap_around(value):
    np.testing.assert_allclose(validate.numbers("y", value), np.asarray(value, np.float32))
    with pytest.raises(ValueError, match=r"y must hold integers of at most 32 bits, but it is"):
        validate.tensor("y", value)


def test_small_integers_in_wide_types_are_as_good_as_others():
    assert validate.tensor("y", np.array([-1, 7], np.int64)).tolist() == [-1, 7]
    assert validate.tensor("y", np.zeros(0, np.int64)).shape == (0,)

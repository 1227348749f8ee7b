"""Deep Q-Learning as pure functions: the network, the target, the loss, one step of training."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import optax

from rl_jax import validate
from rl_jax.config import Config, checked
from rl_jax.nn.losses import mse
from rl_jax.nn.optim import Averaged, averaged
from rl_jax.policy import epsilon_greedy, greedy
from rl_jax.replay import ArrayMemory, ReplayMemory, Transition
from rl_jax.typing import JaxTensor, Key, Params

__all__ = [
    "Parts",
    "TrainState",
    "init",
    "judged_params",
    "make_network",
    "make_optimizer",
    "make_parts",
    "make_train_step",
    "network_for",
    "soft_update",
    "td_loss",
    "td_target",
]


# The network


def make_network(
    observation_size: int = 4,
    n_actions: int = 2,
    hidden: Sequence[int] = (300, 100),
    observation_scale: Sequence[float] | None = None,
) -> hk.Transformed:
    """A multilayer perceptron from observations [..., O] to Q-values [..., A].

    Args:
        observation_size: O, how many numbers an observation has.
        n_actions: A.
        hidden: the widths of the ReLU layers; none makes the network linear.
        observation_scale: [O] factors that bring all observations to a similar size, or None.

    Returns:
        The pure functions `init(key, observations)` and `apply(params, observations)`.

    Raises:
        TypeError: if an argument is not a number, or not a sequence of them, or later the
            observations are not an array of numbers.
        ValueError: if a size is not a whole number above 0, or `observation_scale`, or later an
            observation, is not of O numbers.

    Reference: Mnih et al. 2013, section 4.1. Taught in: notebooks/03.
    """
    widths = validate.several("hidden", hidden, validate.count)
    observation_size = validate.count("observation_size", observation_size)
    n_actions = validate.count("n_actions", n_actions)
    if observation_scale is not None:
        observation_scale = validate.several("observation_scale", observation_scale, validate.real)
    if observation_scale is not None and len(observation_scale) != observation_size:
        raise ValueError(
            f"observation_scale must be one factor for each of {observation_size} numbers, or "
            f"None, but it is {observation_scale}."
        )

    def forward(observations):
        observations = validate.numbers("observations", observations)
        if jnp.shape(observations)[-1:] != (observation_size,):
            raise ValueError(
                f"the network expects observations [..., {observation_size}], but these have the "
                f"shape {jnp.shape(observations)}. Likely fix: make_network(*envs.sizes(env)), "
                "with the environment that they come from."
            )
        if observation_scale is not None:
            factors = jnp.asarray(observation_scale, jnp.float32)
            observations = observations * jnp.broadcast_to(factors, jnp.shape(observations))
        return hk.nets.MLP((*widths, n_actions))(observations)

    return hk.without_apply_rng(hk.transform(forward))


# The target and the loss


def td_target(
    rewards: JaxTensor,
    next_q_values: JaxTensor,
    is_terminal: JaxTensor,
    gamma: float | JaxTensor = 0.99,
    online_next_q_values: JaxTensor | None = None,
) -> JaxTensor:
    """Bellman target: reward + gamma * max_a Q(next_state, a); where the task ended, the reward.

    [B] is a batch; no axis there, for one transition, or several will do as well.

    Args:
        rewards: [B] float.
        next_q_values: [B, A] float, from the target network.
        is_terminal: [B] bool, True where the task itself ended (in CartPole: the pole fell, or the
            cart left the track), and not where time ran out.
        gamma: discount in [0, 1]; may be traced.
        online_next_q_values: None, or [B, A] float from the online network. Then these choose the
            action, and the others only say what it is worth (Double DQN).

    Returns:
        [B] float; no gradient flows through it.

    Raises:
        TypeError: if an argument holds no numbers.
        ValueError: if shapes do not fit, gamma lies outside [0, 1], or a flag that is known is
            neither 0 nor 1.

    Reference: Mnih et al. 2013, Algorithm 1; van Hasselt et al. 2016, equation 4.
    Taught in: notebooks/05.
    """
    validate.unit_interval("gamma", gamma)
    rewards, next_q_values, is_terminal = _one_batch(rewards, next_q_values, is_terminal)
    chooser = _chooser(next_q_values, online_next_q_values)
    best_action = jnp.argmax(chooser, axis=-1, keepdims=True)
    future = jnp.take_along_axis(next_q_values, best_action, axis=-1).squeeze(-1)
    return jax.lax.stop_gradient(rewards + gamma * jnp.where(is_terminal, 0.0, future))


def td_loss(
    params: Params,
    target_params: Params,
    batch: Transition,
    network: hk.Transformed,
    gamma: float | JaxTensor = 0.99,
    loss: Callable[[JaxTensor, JaxTensor], JaxTensor] = mse,
    double: bool = False,
    clipped_double: bool = False,
) -> JaxTensor:
    """How far Q(state, action) is from its Bellman target, over one batch.

    Args:
        params: of the online network; differentiate by these.
        target_params: of the target network.
        batch: arrays [B, ...], actions [B] integers in 0 .. A - 1.
        network: from `make_network`.
        gamma: discount in [0, 1]; may be traced.
        loss: what to make of the errors, a function (targets [B], predictions [B]) -> scalar, for
            example `mse`.
        double: whether the online network chooses the next action (Double DQN).
        clipped_double: whether an action in the next state is worth the smaller of both networks'
            values (clipped double Q-learning).

    Returns:
        A float scalar.

    Raises:
        TypeError: if an argument is of another kind, actions are not integers, or `loss` does not
            return a float.
        ValueError: if shapes do not fit, gamma lies outside [0, 1], `loss` returns several numbers,
            or an action that is known does not exist. (Inside `jit` none is known.)

    Reference: Mnih et al. 2013, equation 2; Fujimoto et al. 2018, equation 10.
    Taught in: notebooks/05.
    """
    _check_loss_arguments(params, target_params, batch, network)
    validate.function("loss", loss, ("targets", "predictions"))
    double = validate.flag("double", double)
    clipped_double = validate.flag("clipped_double", clipped_double)
    q_values = network.apply(params, batch.state)
    actions = validate.actions("batch.action", batch.action, q_values)
    q_taken = q_values[jnp.arange(len(q_values)), actions]
    next_q_values = network.apply(target_params, batch.next_state)
    online = None
    if double or clipped_double:
        online = network.apply(params, batch.next_state)
    if clipped_double:
        next_q_values = jnp.minimum(next_q_values, online)
    chooser = online if double else None
    targets = td_target(batch.reward, next_q_values, batch.is_terminal, gamma, chooser)
    return validate.one_number("what loss returns", loss(targets, q_taken))


def _check_loss_arguments(
    params: Params, target_params: Params, batch: Transition, network: hk.Transformed
) -> None:
    validate.params("params", params)
    validate.params("target_params", target_params)
    validate.alike("params", params, "target_params", target_params)
    validate.network("network", network, ("apply",))
    validate.having("batch", batch, Transition._fields, "a Transition", "memory.sample_batch(32).")


def _one_batch(
    rewards: JaxTensor, next_q_values: JaxTensor, is_terminal: JaxTensor
) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """The three as arrays [B], [B, A], [B]: anything else would broadcast, and lie."""
    rewards = validate.numbers("rewards", rewards)
    next_q_values = validate.numbers("next_q_values", next_q_values)
    is_terminal = validate.flags("is_terminal", is_terminal)
    batch = next_q_values.shape[:-1]
    if next_q_values.ndim == 0 or not rewards.shape == is_terminal.shape == batch:
        raise ValueError(
            "rewards, is_terminal, next_q_values must be [B], [B], [B, A], but they are "
            f"[{rewards.shape}, {is_terminal.shape}, {next_q_values.shape}]."
        )
    if next_q_values.shape[-1] == 0:
        raise ValueError("next_q_values must be [B, A] with at least one action, but A is 0.")
    return rewards, next_q_values, is_terminal


def _chooser(next_q_values: JaxTensor, online_next_q_values: JaxTensor | None) -> JaxTensor:
    """Whose argmax is the next action: [B, A], like those that say what it is worth."""
    if online_next_q_values is None:
        return next_q_values
    chooser = validate.numbers("online_next_q_values", online_next_q_values)
    if chooser.shape != next_q_values.shape:
        raise ValueError(
            f"online_next_q_values must have the shape {next_q_values.shape} of next_q_values, but "
            f"it is {chooser.shape}."
        )
    return chooser


# What a training step changes, and the step


class TrainState(NamedTuple):
    """Everything that one training step changes: the learner.

    Taught in: notebooks/05.
    """

    params: Params  # online network: acts and learns
    target_params: Params  # target network: follows later
    opt_state: optax.OptState


def init(
    key: Key,
    network: hk.Transformed,
    optimizer: optax.GradientTransformation,
    observation_size: int = 4,
) -> TrainState:
    """A fresh learner: random parameters, a target network equal to the online one.

    The target's arrays are its own, so that a compiled step may be given the learner's buffers to
    write into (`jax.jit(train_step, donate_argnums=0)`).

    Args:
        key: a random key, used once.
        network: from `make_network`.
        optimizer: the one that `make_train_step` gets.
        observation_size: O, as in `make_network`.

    Returns:
        The learner before its first step.

    Raises:
        TypeError: if `key` is not a random key, `network` not a network, `optimizer` none of
            Optax's, or `observation_size` not a number.
        ValueError: if `key` is several keys, `observation_size` is not a whole number above 0, or
            the network expects other observations.

    Taught in: notebooks/05.
    """
    validate.key("key", key)
    validate.network("network", network)
    validate.optimizer("optimizer", optimizer)
    observation_size = validate.count("observation_size", observation_size)
    observations = jnp.zeros((1, observation_size), jnp.float32)
    params = jax.jit(network.init)(key, observations)  # one program compiles faster than its parts
    return TrainState(params, jax.tree.map(jnp.copy, params), optimizer.init(params))


def soft_update(params: Params, target_params: Params, tau: float) -> Params:
    """One step of the target network: tau * params + (1 - tau) * target_params, leaf by leaf.

    Args:
        params: of the online network.
        target_params: of the target network.
        tau: how far it moves, in [0, 1]; may be traced, in any float type.

    Returns:
        The target network's new parameters, of the same float types as before.

    Raises:
        TypeError: if a whole learner is given for a network's parameters, or tau is no number.
        ValueError: if tau lies outside [0, 1], or the two networks are not alike.

    Reference: Lillicrap et al. 2016, Algorithm 1. Taught in: notebooks/05.
    """
    validate.params("params", params)
    validate.params("target_params", target_params)
    validate.unit_interval("tau", tau)
    validate.alike("params", params, "target_params", target_params)
    moved = optax.incremental_update(params, target_params, tau)
    return jax.tree.map(
        lambda new, old: jnp.asarray(new, jnp.result_type(old, float)), moved, target_params
    )


def keep(params: Params, target_params: Params) -> Params:
    """The target network, unchanged."""
    return target_params


def hard_update(params: Params, target_params: Params) -> Params:
    """The online network itself. Arrays never change, so the same ones will do for both.

    Called from Python, so that the two share their buffers: then the learner cannot be donated to
    the next step. A compiled step gives each its own.
    """
    return params


def make_train_step(
    network: hk.Transformed,
    optimizer: optax.GradientTransformation,
    gamma: float | JaxTensor = 0.99,
    loss: Callable[..., JaxTensor] = td_loss,
    follow: Callable[[Params, Params], Params] = keep,
) -> Callable[[TrainState, Transition], tuple[TrainState, JaxTensor]]:
    """The pure function (learner, batch) -> (next learner, loss): one update on one batch.

    Args:
        network: from `make_network`.
        optimizer: of Optax; one that is content with gradients (`optax.polyak_sgd` wants more).
        gamma: discount in [0, 1]; may be traced.
        loss: the function (params, target_params, batch, network, gamma) -> scalar;
            `partial(td_loss, double=True)` makes it Double DQN.
        follow: the function (params, target_params) -> the target's next parameters. By default
            they stay, for a loop that copies them now and then; `partial(soft_update, tau=0.01)`
            moves them at every step.

    Returns:
        The training step; `jit` it.

    Raises:
        TypeError: if an argument is of another kind, or a function takes other arguments; from the
            step, if the loss returns no float.
        ValueError: if gamma lies outside [0, 1]; from the step, if the learner was made for another
            optimizer, whose state has another form, the loss returns several numbers, or `follow`
            what is not a target network.

    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/05.
    """
    validate.network("network", network, ("apply",))
    validate.optimizer("optimizer", optimizer)
    validate.unit_interval("gamma", gamma)
    validate.function("loss", loss, ARGUMENTS_OF_PARTS["loss"])
    validate.function("follow", follow, ARGUMENTS_OF_PARTS["follow"])

    def train_step(learner, batch):
        _check_learner(learner, optimizer)
        value, grads = jax.value_and_grad(_with_one_number(loss))(
            learner.params, learner.target_params, batch, network, gamma
        )
        updates, opt_state = optimizer.update(grads, learner.opt_state, learner.params)
        params = optax.apply_updates(learner.params, updates)
        target_params = follow(params, learner.target_params)
        validate.same_form(
            "what follow returns", target_params, "what it got", learner.target_params
        )
        return TrainState(params, target_params, opt_state), value

    return train_step


def _with_one_number(loss: Callable) -> Callable:
    """The same loss, which refuses to return what has no gradient."""

    def one_number(*given):
        return validate.one_number("what loss returns", loss(*given))

    return one_number


def _check_learner(learner: TrainState, optimizer: optax.GradientTransformation) -> None:
    """Refuse what is not a learner, or one whose optimizer's state is another optimizer's."""
    fix = "learner, loss = train_step(learner, batch)."
    validate.having("learner", learner, TrainState._fields, "a TrainState", fix)
    try:
        wanted = jax.tree.structure(jax.eval_shape(optimizer.init, learner.params))
    except jax.errors.ConcretizationTypeError:  # somebody's own, which looks at values
        return
    found = jax.tree.structure(learner.opt_state)
    if found != wanted:
        raise ValueError(
            "the learner must be made for this optimizer, but its opt_state has another form, "
            f"{validate.short(found)}. Likely fix: init(key, network, optimizer), with the "
            "optimizer of make_train_step."
        )


# What one step of a whole training is made of


def remember(memory: ArrayMemory, transition: Transition, truncated: JaxTensor) -> ArrayMemory:
    """The memory with this transition in it.

    Args:
        memory: so far.
        transition: of one step; is_terminal says whether the task itself ended.
        truncated: whether the episode was cut off. Such an episode still has a future, so this is
            not looked at.
    """
    return memory.experience(transition)


def sample(memory: ArrayMemory, key: Key, batch_size: int) -> Transition:
    """A batch [batch_size, ...] of what the memory holds.

    Args:
        memory: not empty.
        key: a random key, used once.
        batch_size: how many transitions.
    """
    return memory.sample_batch(key, batch_size)


def act_greedily(key: Key, q_values: JaxTensor) -> JaxTensor:
    """The best action, whatever the key says: so an agent is judged."""
    return greedy(q_values)


class Parts(NamedTuple):
    """What one step of training is made of. Replace one, to change the algorithm or to plant a bug.

    These are `ondevice`'s; those of `loop`, see `loop.make_parts`, remember in place, and sample
    without a key. `remember` stores one transition a step: `ondevice` counts its steps by what the
    memory holds.

    Taught in: notebooks/08.
    """

    act: Callable = epsilon_greedy  # (key, q_values [A], epsilon) -> action
    remember: Callable = remember  # (memory, transition, truncated) -> memory
    sample: Callable = sample  # (memory, key, batch_size) -> batch
    loss: Callable = td_loss  # (params, target_params, batch, network, gamma) -> scalar
    follow: Callable = keep  # (params, target_params) -> target_params, after each update
    renew: Callable = keep  # the same, at each episode's end
    judge: Callable = act_greedily  # (key, q_values [A]) -> action, when it is evaluated


# What each of them is called with, in order: it is tried before it is used.
ARGUMENTS_OF_PARTS = {
    "act": ("key", "q_values", "epsilon"),
    "remember": ("memory", "transition", "truncated"),
    "sample": ("memory", "key", "batch_size"),
    "loss": ("params", "target_params", "batch", "network", "gamma"),
    "follow": ("params", "target_params"),
    "renew": ("params", "target_params"),
    "judge": ("key", "q_values"),
}

# Which memory a part of ours is for, by the module that it is written in; and who makes such parts.
MEMORIES = {"rl_jax.loop": ReplayMemory, "rl_jax.dqn": ArrayMemory}
MAKERS = {ReplayMemory: "loop", ArrayMemory: "ondevice"}


def check_parts(parts: Parts, memory: type) -> Parts:
    """`parts`, if they are parts that use this kind of memory.

    Args:
        parts: what somebody passed for them.
        memory: ReplayMemory, which changes in place, or ArrayMemory.

    Raises:
        TypeError: if they are not Parts, or one of them is not a function, or one of other
            arguments.
        ValueError: if `remember` or `sample` is our own for the other kind.
    """
    if not isinstance(parts, Parts):
        raise TypeError(
            f"parts must be a dqn.Parts, but it is {validate.short(parts)}. Likely fix: "
            "make_parts(config)._replace(...)."
        )
    for name, part in parts._asdict().items():
        validate.function(f"parts.{name}", part, ARGUMENTS_OF_PARTS[name])
    for name, part in (("remember", parts.remember), ("sample", parts.sample)):
        written_in = getattr(getattr(part, "func", part), "__module__", "")  # func: of a partial
        used = MEMORIES.get(written_in, memory)
        if used is not memory:
            raise ValueError(
                f"parts must be made for {memory.__name__}, but `{name}` is the one for "
                f"{used.__name__}. Likely fix: {MAKERS[memory]}.make_parts(config)._replace(...)."
            )
    return parts


# What a config asks for, built

OPTIMIZERS = {"adam": optax.adam, "sgd": optax.sgd}

_network = lru_cache(make_network)


def network_for(config: Config, observation_size: int = 4, n_actions: int = 2) -> hk.Transformed:
    """The network to train: the same object for the same values, so that nothing compiles twice.

    Args:
        config: its `hidden` and `observation_scale` count.
        observation_size: O, as in `make_network`.
        n_actions: A, as in `make_network`.

    Returns:
        As `make_network`.

    Raises:
        TypeError: as `Config.check` and `make_network`.
        ValueError: as `Config.check` and `make_network`.

    Taught in: notebooks/06.
    """
    config = checked(config)
    observation_size = validate.count("observation_size", observation_size)
    n_actions = validate.count("n_actions", n_actions)
    return _network(observation_size, n_actions, config.hidden, config.observation_scale)


def make_optimizer(
    config: Config,
    learning_rate: float | JaxTensor | None = None,
    final_learning_rate: float | JaxTensor | None = None,
) -> optax.GradientTransformation:
    """Adam or SGD, its learning rate falling along a straight line over max_steps updates.

    There are no updates while the memory warms up, so the end of the line is not quite reached.
    The optimizer is `averaged` if the config says so.

    Args:
        config: its `optimizer`, rates, `average` and `max_steps` count.
        learning_rate: at the first update, in place of the config's; may be traced.
        final_learning_rate: after max_steps updates, in place of the config's; may be traced.

    Returns:
        An Optax optimizer.

    Raises:
        TypeError: as `Config.check`.
        ValueError: as `Config.check`, or if a given rate that is known is negative or not finite.

    Boilerplate for: `loop` and `ondevice`.
    """
    config = checked(config)
    start = config.learning_rate if learning_rate is None else learning_rate
    end = config.final_learning_rate if final_learning_rate is None else final_learning_rate
    start = validate.not_negative("learning_rate", start)
    end = validate.not_negative("final_learning_rate", end)
    optimizer = OPTIMIZERS[config.optimizer](optax.linear_schedule(start, end, config.max_steps))
    return averaged(optimizer) if config.average else optimizer


def judged_params(learner: TrainState) -> Params:
    """The parameters to judge, and to keep: the optimizer's average if it has one.

    Args:
        learner: from a training.

    Returns:
        The average that an `averaged` optimizer has made, wherever it stands in the optimizer's
        state, or the online network's parameters.

    Raises:
        TypeError: if this is no learner, but a whole result for example.
        ValueError: if there are several averages, one of a part of the parameters only, or one that
            other optimizers follow in a chain.

    Taught in: notebooks/07.
    """
    if not isinstance(learner, TrainState):
        raise TypeError(
            f"learner must be a TrainState, but it is a {type(learner).__name__}. Likely fix: "
            "judged_params(result.learner)."
        )
    averages = _averages(learner.opt_state)
    if not averages:
        return learner.params
    advice = "Likely fix: put `averaged` around all other optimizers, once."
    if len(averages) > 1:
        raise ValueError(
            "the optimizer's state must hold one average of all parameters, but it holds "
            f"{len(averages)}. {advice}"
        )
    average = averages[0].params
    if jax.tree.structure(average) != jax.tree.structure(learner.params):
        raise ValueError(
            "the optimizer's state must hold one average of all parameters, but its average is one "
            f"of {jax.tree.structure(average)} alone. {advice}"
        )
    if _is_followed(learner.opt_state):
        raise ValueError(
            "`averaged` must be the last of a chain, but other optimizers change what it has made, "
            f"so that it averages parameters which nobody had. {advice}"
        )
    return average


def _averages(state: optax.OptState) -> list[Averaged]:
    """All of them in an optimizer's state, however deep."""

    def is_average(node):
        return isinstance(node, Averaged)

    return list(filter(is_average, jax.tree.leaves(state, is_leaf=is_average)))


def _is_followed(state: optax.OptState) -> bool:
    """Whether an average stands in a chain, and not as its last part."""
    if isinstance(state, Averaged):
        return False
    is_named_chain = isinstance(state, dict)  # of `optax.named_chain`
    is_chain = is_named_chain or type(state) is tuple  # all other tuples have names
    parts = tuple(state.values()) if is_named_chain else state
    if not isinstance(parts, tuple):
        return False
    if is_chain and any(map(_averages, parts[:-1])):
        return True
    return any(map(_is_followed, parts))


def make_parts(config: Config) -> Parts:
    """The parts that a config asks for: which kind of Double DQN, and how the target follows.

    Args:
        config: its `double`, `clipped_double`, `target_update` and `target_tau` count.

    Returns:
        The same object for the same values, so that nothing compiles twice.

    Raises:
        TypeError: as `Config.check`.
        ValueError: as `Config.check`.

    Boilerplate for: notebooks/06, 08.
    """
    config = checked(config)
    return _parts(config.double, config.clipped_double, config.target_update, config.target_tau)


@lru_cache
def _parts(double: bool, clipped_double: bool, target_update: str, target_tau: float) -> Parts:
    loss = td_loss
    if double or clipped_double:
        loss = partial(td_loss, double=double, clipped_double=clipped_double)
    if target_update == "episode":
        return Parts(loss=loss, renew=hard_update)
    return Parts(loss=loss, follow=partial(soft_update, tau=target_tau))

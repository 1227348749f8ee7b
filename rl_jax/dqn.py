"""Deep Q-Learning as pure functions: the network, the target, the loss, one step of training."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import optax

from rl_jax.nn.losses import mse
from rl_jax.replay import Transition
from rl_jax.typing import JaxTensor, Key, Params, unit_interval

__all__ = [
    "Config", "TrainState", "init", "make_network", "make_train_step", "td_loss", "td_target",
]  # fmt: skip


def make_network(
    observation_size: int = 4, n_actions: int = 2, hidden: Sequence[int] = (300, 100),
    observation_scale: Sequence[float] | None = None
) -> hk.Transformed:  # fmt: skip
    """A multilayer perceptron from observations [..., O] to Q-values [..., A].

    `observation_size` is O, `n_actions` A, `hidden` the widths of the ReLU layers;
    `observation_scale` are [O] factors that bring all observations to a similar size.
    Returns: The pure functions `init(key, observations)` and `apply(params, observations)`.
    Raises: ValueError if `observation_scale`, or later the observations, have another size.
    Reference: Mnih et al. 2013, section 4.1. Taught in: notebooks/03."""
    if observation_scale is not None and len(observation_scale) != observation_size:
        numbers = f"one factor for each of {observation_size} numbers, or None"
        raise ValueError(f"observation_scale must be {numbers}, but it is {observation_scale}.")

    def forward(observations):
        if jnp.shape(observations)[-1:] != (observation_size,):
            shapes = (
                f"[..., {observation_size}], but these have the shape {jnp.shape(observations)}"
            )
            raise ValueError(f"the network expects observations {shapes}: another environment?")
        if observation_scale is not None:
            observations = observations * jnp.asarray(observation_scale)
        return hk.nets.MLP((*hidden, n_actions))(observations)

    return hk.without_apply_rng(hk.transform(forward))


def td_target(
    rewards: JaxTensor, next_q_values: JaxTensor, is_terminal: JaxTensor,
    gamma: float | JaxTensor = 0.99, online_next_q_values: JaxTensor | None = None
) -> JaxTensor:  # fmt: skip
    """Bellman target: reward + gamma * max_a Q(next_state, a), or the reward alone at the end.

    Rewards [B] are float, is_terminal [B] True where the pole fell (not on time-out),
    next_q_values [B, A] from the target network, gamma in [0, 1], maybe traced. If there are
    online_next_q_values [B, A], from the online network, they choose the action, and the others
    only say what it is worth (Double DQN).
    Returns: [B] float; no gradient flows through it.
    Raises: ValueError if shapes do not fit, or gamma. Taught in: notebooks/05.
    Reference: Mnih et al. 2013, Algorithm 1; van Hasselt et al. 2016, equation 4."""
    unit_interval("gamma", gamma)
    if not jnp.shape(rewards) == jnp.shape(is_terminal) == jnp.shape(next_q_values)[:-1]:
        shapes = [jnp.shape(x) for x in (rewards, is_terminal, next_q_values)]
        expected = "rewards, is_terminal, next_q_values must be [B], [B], [B, A]"
        raise ValueError(f"{expected}, but they are {shapes}.")
    chooser = next_q_values if online_next_q_values is None else online_next_q_values
    best_action = jnp.argmax(chooser, axis=-1, keepdims=True)
    future = jnp.take_along_axis(next_q_values, best_action, axis=-1).squeeze(-1)
    return jax.lax.stop_gradient(rewards + gamma * jnp.where(is_terminal, 0.0, future))


def td_loss(
    params: Params, target_params: Params, batch: Transition, network: hk.Transformed,
    gamma: float | JaxTensor = 0.99, loss: Callable[[JaxTensor, JaxTensor], JaxTensor] = mse,
    double: bool = False
) -> JaxTensor:  # fmt: skip
    """How far Q(state, action) is from its Bellman target, over one batch.

    Differentiate by `params`, of the online network; `batch` holds arrays [B, ...]; gamma in [0, 1]
    may be traced; `loss` is (targets [B], predictions [B]) -> scalar; `double` lets the online
    network choose the next action (Double DQN).
    Reference: Mnih et al. 2013, equation 2. Taught in: notebooks/05."""
    q_values = network.apply(params, batch.state)
    q_taken = q_values[jnp.arange(len(q_values)), batch.action]
    next_q_values = network.apply(target_params, batch.next_state)
    online = network.apply(params, batch.next_state) if double else None
    return loss(td_target(batch.reward, next_q_values, batch.is_terminal, gamma, online), q_taken)


class TrainState(NamedTuple):
    """Everything that one training step changes. Taught in: notebooks/05."""

    params: Params  # online network: acts and learns
    target_params: Params  # target network: follows later
    opt_state: optax.OptState


def init(
    key: Key, network: hk.Transformed, optimizer: optax.GradientTransformation,
    observation_size: int = 4
) -> TrainState:  # fmt: skip
    """A fresh TrainState: random parameters, a target network equal to the online one.
    Uses `key` once; the optimizer is that of `make_train_step`. Taught in: notebooks/05."""
    params = network.init(key, jnp.zeros((1, observation_size)))
    return TrainState(params, params, optimizer.init(params))


def make_train_step(
    network: hk.Transformed, optimizer: optax.GradientTransformation,
    gamma: float | JaxTensor = 0.99, loss: Callable[[JaxTensor, JaxTensor], JaxTensor] = mse,
    double: bool = False, target_tau: float = 0.0
) -> Callable[[TrainState, Transition], tuple[TrainState, JaxTensor]]:  # fmt: skip
    """The pure function (state, batch) -> (next state, loss): one update on one batch.

    `target_tau` in [0, 1] says how far the target network moves towards the online one at every
    step; 0 leaves it alone, for a loop that copies it now and then. All else is as in `td_loss`.
    Reference: Mnih et al. 2013, Algorithm 1; Lillicrap et al. 2016 for `target_tau`.
    Taught in: notebooks/05."""
    unit_interval("gamma", gamma)
    unit_interval("target_tau", target_tau)

    def train_step(state, batch):
        value, grads = jax.value_and_grad(td_loss)(
            state.params, state.target_params, batch, network, gamma, loss, double
        )
        updates, opt_state = optimizer.update(grads, state.opt_state, state.params)
        params = optax.apply_updates(state.params, updates)
        target_params = state.target_params
        if target_tau:
            target_params = optax.incremental_update(params, target_params, target_tau)
        return TrainState(params, target_params, opt_state), value

    return train_step


class Config(NamedTuple):
    """All hyperparameters of a training, in `loop` and in `ondevice` alike; solves CartPole-v1.
    Taught in: notebooks/06."""

    hidden: tuple[int, ...] = (64, 64)
    observation_scale: tuple[float, ...] | None = (0.5, 0.5, 5.0, 0.5)  # [O] factors
    optimizer: str = "adam"  # or "sgd"
    learning_rate: float = 3e-3
    final_learning_rate: float = 0.0  # reached along a straight line at the last update
    gamma: float = 0.995
    epsilon: float = 1.0
    final_epsilon: float = 0.2  # reached along a straight line after epsilon_steps
    epsilon_steps: int = 3_000
    batch_size: int = 32
    memory_size: int = 50_000
    warmup_steps: int = 1_000  # environment steps before the first update
    double: bool = False  # Double DQN
    target_tau: float = 0.02  # soft target updates; 0: copy at each episode's end
    max_steps: int = 30_000  # environment steps
    max_episodes: int | None = None  # for `loop` only
    max_episode_steps: int | None = None  # a cap of our own: it truncates, it does not terminate
    evaluate_every: int | None = 1_000  # steps between greedy evaluations; None: never
    evaluation_episodes: int = 20
    stop_at_return: float | None = None  # stop at this greedy mean; for `loop` only

    def network(self, observation_size: int = 4, n_actions: int = 2) -> hk.Transformed:
        """The network to train: the same object for the same sizes, so nothing compiles twice."""
        scale = self.observation_scale and tuple(self.observation_scale)
        return _network(observation_size, n_actions, tuple(self.hidden), scale)

    def make_optimizer(self) -> optax.GradientTransformation:
        """Adam or SGD, its learning rate falling along a straight line."""
        rates = self.learning_rate, self.final_learning_rate
        return getattr(optax, self.optimizer)(optax.linear_schedule(*rates, self.max_steps))

    def make_train_step(self, network: hk.Transformed) -> Callable:
        """`make_train_step` with these hyperparameters; gamma and learning rates may be traced."""
        options = {"double": self.double, "target_tau": self.target_tau}
        return make_train_step(network, self.make_optimizer(), self.gamma, **options)

    def check(self) -> "Config":
        """The same with tuples for lists; ValueError, with what was expected, if one is wrong."""
        batch = self.batch_size
        for name in ("gamma", "epsilon", "final_epsilon", "target_tau"):
            unit_interval(name, getattr(self, name))
        if self.optimizer not in ("adam", "sgd"):
            raise ValueError(f'optimizer must be "adam" or "sgd", but it is {self.optimizer!r}.')
        counts = "batch_size", "max_steps", "epsilon_steps", "evaluation_episodes"
        least = dict.fromkeys(counts, 1) | dict.fromkeys(("warmup_steps", "memory_size"), batch)
        for name, minimum in least.items():
            if getattr(self, name) < minimum:
                why = f"a batch of batch_size={batch} is drawn from the memory"
                value = getattr(self, name)
                raise ValueError(f"{name} must be at least {minimum}, but it is {value} ({why}).")
        return Config(*(tuple(value) if isinstance(value, list) else value for value in self))


_network = lru_cache(make_network)

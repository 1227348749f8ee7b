# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · The full loop
#
# Act, remember, learn; and again, some ten thousand times. Here everything comes together on the real `CartPole-v1`,
# and we ask the question that one lucky run never answers: does it work *every* time?
#
# - **What you will build:** the blog post's training loop, and an agent that balances for 500 steps.
# - **What you will learn:** how to judge an agent; how far the post's set-up really gets, over eight seeds; what it
#   takes to go further; how to stop and resume without losing a bit.
# - **What you need:** notebooks 02 to 05.
# - **Time:** 40 minutes, about one of them waiting.

# %% cellView="form" jupyter={"source_hidden": true} tags=["setup"]
# @title Set-up: finds rl_jax. In Colab it installs it, once; where it is there, nothing changes
import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

SOURCE = ""  # where Colab gets rl_jax from: `make stamp` writes it
try:
    importlib.metadata.version("rl-jax")
except importlib.metadata.PackageNotFoundError:
    source = SOURCE or max(map(str, Path().glob("rl_jax-*.whl")), default="")
    if "google.colab" not in sys.modules or not source:
        raise ModuleNotFoundError(
            "rl_jax is not installed in this kernel. On your machine: run `make lab`, or choose the "
            "kernel of .venv. In Colab: upload the wheel that `make dist` builds, and run this again."
        ) from None
    keep = [f"{name}=={importlib.metadata.version(name)}" for name in ("jax", "jaxlib", "numpy")]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", source, *keep], check=True)
    importlib.invalidate_caches()

# %% tags=["imports"]
import tempfile
from pathlib import Path

import gymnasium as gym
import jax
import numpy as np
import optax
from tqdm.auto import tqdm

from rl_jax import dqn, envs, loop, plotting, widgets
from rl_jax.policy import epsilon_greedy
from rl_jax.replay import ReplayMemory, Transition

# %% [markdown]
# ## The loop, in twenty lines
#
# You have built all the parts. The blog post's loop joins them like this: in every step, act with the coin, store
# the transition, learn from a batch; at the end of every episode, copy the network into the target network.

# %%
network = dqn.make_network(hidden=(300, 100))
optimizer = optax.sgd(1e-3)
train_step = jax.jit(dqn.make_train_step(network, optimizer, gamma=0.99))


@jax.jit
def act(params, key, state):
    return epsilon_greedy(key, network.apply(params, state), 0.3)


# %% tags=["naive"]
def run_episodes(env, episodes, seed, cap=100):
    """The blog post's loop; returns the return of each episode."""
    key, init_key = jax.random.split(jax.random.key(seed))
    state, memory, returns = dqn.init(init_key, network, optimizer), ReplayMemory(seed=seed), []
    for episode in range(episodes):
        observation, _ = env.reset(seed=1_000 * seed + episode)
        for timestep in range(1, cap + 1):
            key, act_key = jax.random.split(key)
            action = int(act(state.params, act_key, observation))
            next_observation, reward, terminated, truncated, _ = env.step(action)
            memory.experience(Transition(observation, next_observation, action, reward, terminated))
            if len(memory) >= 32:
                state, _ = train_step(state, memory.sample_batch(32))
            observation = next_observation
            if terminated or truncated:
                break
        state = state._replace(target_params=state.params)
        returns.append(timestep)
    return np.array(returns)


# %% [markdown]
# Compare it with the post's listing: the names are the same, and three things are different. `terminated` and
# `truncated` are apart, the memory is seeded, and `train_step` is compiled as a whole. Let it run for a moment.

# %%
env = envs.make("CartPole-v1")
returns = run_episodes(env, episodes=50, seed=0)
print("episodes:", len(returns), "| none longer than the cap:", bool(returns.max() <= 100))

# %% [markdown]
# It runs. Whether it learns is a question that one short run cannot answer, and that we ask properly below. And a
# loop that one may have to wait for needs more: progress, a way to stop it and to go on, greedy evaluations, a
# warning when it diverges. The package's loop has the same twenty lines at its heart. Find them:

# %%
show_source(loop.train)

# %% [markdown]
# It returns a `Result`: two sets of weights, and the curves. If the weights explode there is nothing to return, so it
# raises an error, and the error brings along what came before.

# %%
show_source(loop.Result)

# %%
show_source(loop.Diverged)

# %% [markdown]
# The hyperparameters stand in one place, a `Config`. `loop.BLOG_POST` holds the post's, `loop.CARTPOLE` those that
# we arrive at below.

# %%
show_source(loop.Config)

# %% [markdown]
# ## How to judge an agent
#
# The training curve is played with the coin (notebook 04) and on the weights of the moment. To judge, we play whole
# episodes [*greedily*](glossary.md#greedy-evaluation), in an environment of their own, without learning:

# %%
show_source(loop.evaluate)

# %% [markdown]
# ## Probes: tasks whose answer you know
#
# A DQN that has a bug seldom crashes. It learns a little worse, or not at all, and CartPole does not say why. So ask
# it something easier first. A [**probe environment**](glossary.md#probe-environment) is a task so small that you can work out its Q-values on paper,
# and that tests one thing. This class makes five of them:

# %%
class Probe(gym.Env):
    """Episodes of `length` steps; the one number that one sees grows by `walk` at each."""

    def __init__(self, reward, starts=(1.0,), walk=0.0, length=1, end="terminated", n_actions=1):
        self.observation_space = gym.spaces.Box(-2.0, 2.0, (1,), np.float32)
        self.action_space = gym.spaces.Discrete(n_actions)
        self.reward, self.starts, self.walk = reward, starts, walk
        self.length, self.end = length, end
        self.arrays = np.zeros((2, 1), np.float32)  # both used again and again: copy to keep

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        self.arrays[0] = self.np_random.choice(self.starts)
        return self.arrays[0], {}

    def step(self, action):
        before, after = self.arrays[self.steps % 2], self.arrays[(self.steps + 1) % 2]
        reward = float(self.reward(before[0], action))
        after[:] = before + self.walk
        self.steps += 1
        over = self.steps == self.length
        return (
            after,
            reward,
            over and self.end != "truncated",
            over and self.end != "terminated",
            {},
        )


# %% [markdown]
# Suppose that only the observation decides about the reward, and one probe fails: then the network does not look, or
# the memory mixes things up. Suppose that only the one that ends by time fails: then somebody took truncation for
# termination. What should each of these five end with, for $\gamma = 0.5$?

# %%
def paid(seen, action):
    return 1.0


probes = {
    "one state, one reward": (Probe(paid), [1.0]),
    "the reward is what one sees": (Probe(lambda seen, action: seen, starts=(-1, 1)), [-1.0, 1.0]),
    "it comes a step later": (Probe(lambda seen, _: seen, starts=(0,), walk=1, length=2), [0.0, 1.0]),
    "the action decides": (Probe(lambda _, action: 2 * action - 1, n_actions=2), [1.0]),
    "it ends by time alone": (Probe(paid, length=4, end="truncated"), [1.0]),
}
linear = loop.CARTPOLE._replace(
    hidden=(), observation_scale=None, optimizer="sgd", learning_rate=0.1, final_learning_rate=0.1,
    gamma=0.5, final_epsilon=0.5, epsilon_steps=100, batch_size=16, memory_size=64, warmup_steps=16,
    double=False, target_tau=0.5, max_steps=400, evaluate_every=None,
)

# %%
for name, (probe, seen) in probes.items():
    result = loop.train(probe, linear, seed=0, progress=False)
    net = linear.network(1, probe.action_space.n)
    q_values = [net.apply(result.state.params, np.array([x])).round(1).tolist() for x in seen]
    print(f"{name:28} Q of {seen} is {q_values}")

# %% [markdown]
# 1; then -1 and 1; then $\gamma = 0.5$ for what is one step away; then -1 and 1 for the two actions; and at last
# $1 + \gamma + \gamma^2 + \dots = 2$, because time-outs do not end the future. They took a second altogether. The
# tests of this series plant twelve bugs into this loop, and each is found by a probe of this kind.
#
# ## The blog post's set-up, eight times
#
# SGD with 0.001, layers of 300 and 100, batches of 32, an epsilon of 0.3 for ever, 300 episodes of at most 100
# steps. The post shows one run of it and says: *nearly perfect*. Here are eight, with a true mean in the loss.
# How many of them do you expect to hold the pole for 100 steps at the end?

# %%
def train_all(config):
    """One run for each of eight seeds; a run that diverges counts as far as it got."""
    runs = []
    for seed in tqdm(range(8), bar_format="{l_bar}{bar}| {n_fmt} of {total_fmt} runs"):
        try:
            runs.append(loop.train(env, config, seed, progress=False))
        except loop.Diverged as error:
            runs.append(error.result)
    return runs


post_runs = train_all(loop.BLOG_POST)

# %%
figure, ax = figures.axes()
means = [np.convolve(run.returns, np.ones(10) / 10, "valid") for run in post_runs]
curves = [(10 + np.arange(len(mean)), mean) for mean in means]
figures.learning_curves(ax, curves, "mean of 10 episodes", figures.COLORS["online"], ceiling=100)
ax.set(xlabel="Episode", ylabel="Return (steps balanced)", ylim=(0, 105))
ax.legend(loc="lower right")
figures.show(
    figure,
    alt="Eight training curves that rise from 20 steps towards 80 or 90, below a dashed ceiling of 100.",
)

# %% [markdown]
# *Figure 6.1. The post's figure 3, with its spread: training returns, coin included, each run faint.* They rise and
# stay under the ceiling, because three pushes in ten are decided by the coin.
#
# Now the greedy verdict. Each agent plays 20 new episodes, once with the post's cap of 100 steps and once with
# CartPole's own 500. We judge two sets of weights: those at the **end** of training, and the **best** ones, by the
# evaluations made on the way.

# %%
network = loop.BLOG_POST.network()


def verdicts(params_of, cap):
    """Mean greedy return of each run over 20 fresh episodes."""
    judge = {"episodes": 20, "seed": 77, "network": network, "max_episode_steps": cap}
    return np.array([loop.evaluate(params_of(run), env, **judge).mean() for run in post_runs])


at_end, best = verdicts(lambda run: run.state.params, 100), verdicts(lambda run: run.params, 100)
best_500 = verdicts(lambda run: run.params, None)

# %%
figure, ax = figures.axes(height=3.2)
rows = {"end, cap 100": (at_end, 99.5), "best, cap 100": (best, 99.5), "best, cap 500": (best_500, 475)}
for row, (values, _) in enumerate(rows.values()):
    offsets = row + np.linspace(-0.2, 0.2, len(values))
    ax.plot(values, offsets, "o", color=figures.COLORS["online"], alpha=0.8)
holds = [int((values >= enough).sum()) for values, enough in rows.values()]
ax.set_yticks(range(3), [f"{label}: {n} of 8 hold" for label, n in zip(rows, holds, strict=True)])
ax.set(xlabel="Mean greedy return of 20 episodes", xlim=(0, 510), ylim=(2.5, -0.5))
ax.axvline(100, color="black", linestyle="--", linewidth=1)
figures.show(
    figure,
    alt="Eight dots in each of three rows: most reach 100 with the cap of 100; with 500 steps they "
    "scatter between about 100 and 400, and none or almost none reaches 475.",
)

# %% [markdown]
# *Figure 6.2. One dot per seed. The counts on the left are those of the machine that drew the picture: another
# processor rounds differently, and a run that is rounded differently becomes another run.* The claims that should
# hold on every machine:

# %%
print("best weights hold 100 steps in at least 6 of 8 runs:", bool((best >= 99.5).sum() >= 6))
print("best weights hold 500 steps in at most 2 of 8 runs: ", bool((best_500 >= 475).sum() <= 2))

# %% [markdown]
# So, with a true mean, the post's set-up does what it says. We make this claim for the *best* weights and not for
# those at the end, because a DQN agent can lose again what it has learned; watch the orange lines of figure 6.4 dip.
# And "perfect" was the cap speaking. Given 500 steps, hardly any of these agents gets there.
#
# Why does the pole fall after 100 steps, if it stood for 100? Mostly it does not fall. The cart drifts, slowly, and
# leaves the track:

# %%
policy = loop.greedy_policy(post_runs[0].params, network)
_, states, _ = film.record(policy, envs.make(render_mode="rgb_array"), seed=5)
figure, (left, right) = figures.axes(2, height=2.8)
left.plot(states[:, 0], color=figures.COLORS["online"])
left.set(xlabel="Step", ylabel="Cart position (m)", ylim=(-2.5, 2.5))
right.plot(np.degrees(states[:, 2]), color=figures.COLORS["target"])
right.set(xlabel="Step", ylabel="Pole angle (degrees)", ylim=(-13, 13))
figures.show(
    figure,
    alt="Left: the cart's position drifts off towards the edge. Right: the pole's angle stays small.",
)

# %% [markdown]
# *Figure 6.3. One episode of one agent.* In 100 steps an agent hardly ever meets the edge, so it never learns to
# fear it. What you do not see in training you do not learn.
#
# ## When it diverges
#
# Notebook 03 promised to show what too large a step does: [divergence](glossary.md#divergence). With the post's accidental sum the learning rate acts 32
# times as large. Here it is a bit larger still, so that it happens at once:

# %%
reckless = loop.BLOG_POST._replace(learning_rate=0.5, final_learning_rate=0.5, max_episodes=50)
try:
    loop.train(env, reckless, seed=0, progress=False)
except loop.Diverged as error:
    print(str(error).split(":")[0].split(" after")[0])
    print("episodes before that are not lost:", len(error.result.steps) > 0)

# %% [markdown]
# Without this check nothing would have been said. The weights are "not a number", the argmax of that is action 0, and
# the agent pushes left for ever, for a return of about 9.
#
# The post's own learning rate is not far from this edge: once in a while one of its runs diverges too, on some
# processors even one of our eight. That is why `train_all` catches the error and counts such a run as far as it got.
# A study that quietly drops its failures is not a study.
#
# ## What it takes to hold 500
#
# | the post | here | because |
# |---|---|---|
# | cap of 100 steps | 500 | one learns what one meets |
# | SGD 0.001 | Adam 0.003, falling to 0 | values climb to 200; small steps at the end stop it from unlearning |
# | gamma 0.99 | 0.995 | drifting off the track takes 100 steps and more; one must look that far |
# | layers 300, 100 | 64, 64 | enough, and four times as fast |
# | raw observations | scaled by (0.5, 0.5, 5, 0.5) | angles are tiny next to velocities |
# | target copied at each episode's end | moved by 0.02 at each update | episodes get long; the copy would get stale |
# | epsilon 0.3 | 1 down to 0.2 | explore early, and never stop: one learns what one meets |
# | last weights | best weights by greedy evaluation | performance comes and goes |
#
# We tried these out on other seeds than the ones below, for the reason that question 1 asks about. Training stops as
# soon as twenty greedy episodes average at least 490, and after 30,000 steps at the latest. Double DQN
# is not on the list; `double=True` switches it on, and notebook 07 is the place to try it over many seeds. Again eight:

# %%
config = loop.CARTPOLE._replace(stop_at_return=490.0)
runs = train_all(config)
final = np.array([loop.evaluate(run.params, env, 20, seed=77).mean() for run in runs])

# %%
figure, ax = figures.axes()
for name, some, color in (("the post's", post_runs, "target"), ("improved", runs, "online")):
    curves = [(run.evaluation_steps, run.evaluation_returns) for run in some]
    figures.learning_curves(ax, curves, name, figures.COLORS[color])
ax.axhline(500, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Environment steps", ylabel="Greedy return (steps balanced)", ylim=(0, 520))
ax.legend(loc="center right")
figures.show(
    figure,
    alt="Greedy learning curves. The post's stays at its cap of 100; the improved one climbs to 500, "
    "in some runs at once and in others after a long plateau.",
)

# %% [markdown]
# *Figure 6.4. Greedy evaluations of eight runs each; a run that has stopped keeps its last value.* The post's
# evaluations use its cap, so 100 is the most that they can show. Some improved runs are done after a few thousand
# steps, others cross a plateau first, on which the pole stands and the cart walks off. And on 20 episodes that no run
# has seen before?

# %%
print("hold a mean of 475 in at least 7 of 8 runs:", bool((final >= 475).sum() >= 7))
print("each within 30,000 steps:", all(int(run.steps[-1]) <= 30_000 for run in runs))

# %% [markdown]
# ## Before and after
#
# Two agents, the same start. On the left a network that has not learned anything, on the right one of the eight.
# When one of them falls, its picture stands still.

# %%
screen, small = envs.make(render_mode="rgb_array"), config.network()
fresh = small.init(jax.random.key(0), np.zeros((1, 4)))
before, *_ = film.record(loop.greedy_policy(fresh, small), screen, seed=9, steps=150)
after, states, actions = film.record(
    loop.greedy_policy(runs[0].params, small), screen, seed=9, steps=150
)
before += before[-1:] * (len(after) - len(before))
both = zip(before, after, strict=True)
pairs = [np.hstack([old[:, 100:500], new[:, 100:500]]) for old, new in both]
figures.show(
    film.animation(pairs[::2]),
    alt="Animation of two carts: the untrained one drops its pole at once, the trained one balances.",
)

# %% [markdown]
# *Figure 6.5. Before and after. The trained one has the nervous hands that we saw in notebook 00.*
#
# The player shows the trained one step by step, with what it thinks, and with notebook 04's coin: one push in ten is
# decided by chance. Look for a moment in which the two Q-values change places, and for a push that the coin got wrong.

# %%
coin, tosses, trained = np.random.default_rng(0), [], loop.greedy_policy(runs[0].params, small)


def with_coin(state):
    tosses.append(coin.random() < 0.1)
    return int(coin.integers(2)) if tosses[-1] else trained(state)


_, states, actions = film.record(with_coin, screen, seed=9, steps=200)
q_values, alt = small.apply(runs[0].params, states), "A trained agent balances its pole."
film.player(states, actions, alt, q_values, explored=tosses, epsilon=0.1)

# %%
figure, (left, right) = figures.axes(2, height=3.0, sharey=True)
figures.q_map(figure, left, lambda states: small.apply(fresh, states))
figures.q_map(figure, right, lambda states: small.apply(runs[0].params, states))
left.set(title="Before")
right.set(title="After", ylabel="")
alt = "Two maps of Q(right) - Q(left). After training, right is preferred where the pole leans right."
figures.show(figure, alt)

# %% [markdown]
# *Figure 6.6. What changed is this map.* Near the middle, where a good agent spends its time, the black line now
# separates leaning and turning left from leaning and turning right. In the corners, which it hardly ever visits, the
# map is still a guess.
#
# ## Train it yourself
#
# Choose a final epsilon and a gamma, and press Train. Stop whenever you like; Train goes on from there. Try a gamma
# of 0.5: the agent looks about two steps ahead. Is that enough to balance? Try an epsilon of 0.5: can it learn while
# half of its pushes are noise?

# %%
def draw_training(result):
    """Training returns, and the greedy evaluations, of one run so far."""
    figure, ax = figures.axes(height=2.8)
    ax.plot(result.steps, result.returns, color=figures.COLORS["random"], label="training")
    ax.plot(
        result.evaluation_steps, result.evaluation_returns, "o-",
        color=figures.COLORS["greedy"], label="greedy",
    )
    ax.set(xlabel="Environment steps", ylabel="Return (one run)", ylim=(0, 520))
    ax.legend(loc="upper left")
    return figures.png(figure)


short = loop.CARTPOLE._replace(max_steps=20_000)
TrainingPanel(draw_training, "Returns of this run over environment steps.", short)

# %% [markdown]
# Without a kernel, here is one such run, for each of two settings of gamma:

# %%
for gamma in (0.5, 0.995):
    setting = short._replace(gamma=gamma, max_steps=4_000)
    result = loop.train(env, setting, seed=3, progress=False)
    print(f"gamma {gamma}: {len(result.evaluation_steps)} greedy evaluations")
    figures.show(draw_training(result), alt=f"Training and greedy returns of one run, gamma {gamma}.")

# %% [markdown]
# *Figure 6.7. One run each, with gamma 0.5 (above) and 0.995 (below).* The panel's own code is no magic; it is a thread, two buttons and the function
# that you have just read:

# %%
show_source(TrainingPanel)

# %% [markdown]
# ## Stop, and go on
#
# Long runs get interrupted. With a `checkpoint`, the loop saves itself now and then, always as a whole. The promise is
# strong: a run that was stopped and resumed ends with the *same bits* as one that was not. Check it.

# %%
folder = tempfile.TemporaryDirectory()
tiny = loop.CARTPOLE._replace(max_steps=3_000, evaluate_every=None)
file = Path(folder.name) / "run.npz"
options = {"seed": 5, "progress": False}
in_one_go = loop.train(env, tiny, **options)
stop_at_40 = {"checkpoint": file, "on_episode": lambda so_far: len(so_far.steps) == 40}
stopped = loop.train(env, tiny, **options, **stop_at_40)
print("stopped early:", not stopped.finished, "after", len(stopped.steps), "episodes")

# %%
resumed = loop.train(env, tiny, **options, checkpoint=file)
same = jax.tree.map(lambda a, b: bool((a == b).all()), resumed.params, in_one_go.params)
print("finished:", resumed.finished, "| same bits:", all(jax.tree.leaves(same)))
folder.cleanup()

# %% [markdown]
# It works because nothing is hidden: weights, memory, random generators and step count are all that there is, and
# all of it is saved. Every episode's start has a seed of its own, so not even the environment has a past.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** Judge an agent: return a list with the undiscounted return of each of `episodes` greedy episodes. Episode $i$
# starts from `seed + i`. (`q_function` gives the Q-values of one observation.)

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
class Walk:
    """The observation says which foot is next; the other one falls; after four steps time is up."""
    def __init__(self, pay):
        self.pay, self.seeds = pay, []

    def reset(self, seed=None):
        self.seeds, self.steps = [*self.seeds, seed], 0
        return np.ones(1, np.float32), {}

    def step(self, action):
        foot, self.steps = 1 - self.steps % 2, self.steps + 1
        if self.steps > 4:
            raise RuntimeError("time was up, and you went on")
        reward = 1.0 if self.pay == "1 a step" else (self.seeds[-1] or 0) % 3.0
        return np.array([self.steps % 2 == 0], np.float32), reward, action != foot, self.steps == 4, {}


def judge_facts(answer, episodes, seed, pay):
    """What a judge of the agent that never falls has found out, and how."""
    env, knows = Walk(pay), lambda observation: np.array([1.0 - observation[0], observation[0]])
    returns = np.asarray(answer(knows, env, episodes, seed), float)
    if pay != "1 a step":
        return {"returns": returns, "starts": env.seeds}
    return {"shape": list(returns.shape), "largest return": returns.max(),
            "all returns equal": returns.min() == returns.max(), "starts": env.seeds}

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
def judge(q_function, env, episodes, seed, epsilon=0.0, gamma=1.0, flags=slice(2, 4), act=np.argmax,
          looks=True, pay=lambda reward: reward, start=lambda seed, i: seed + i):
    coin, returns = np.random.default_rng(seed), []
    for episode in range(episodes):
        (state, _), over, weight = env.reset(seed=start(seed, episode)), False, 1.0
        returns.append(0.0)
        while not over:
            action = coin.integers(2) if coin.random() < epsilon else act(q_function(state))
            step = env.step(action)
            state, over = step[0] if looks else state, any(step[flags])
            returns[-1], weight = returns[-1] + weight * pay(step[1]), gamma * weight
    return returns


seeds = list(range(7, 37))
right = {"shape": [30], "largest return": 4.0, "all returns equal": True, "starts": seeds}
wrong_starts = [
    (lambda *args: judge(*args, start=lambda seed, i: seed),
     "every episode started from the same seed, so you judged one episode many times",
     "episode i starts from seed + i"),
    (lambda *args: judge(*args, start=lambda seed, i: None),
     "no episode got its seed, so nobody can repeat your verdict", "what does `env.reset` take?"),
    (lambda *args: judge(*args, start=lambda seed, i: None if i else seed),
     "only the first episode got its seed", "what does `env.reset` take, each time?"),
]


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_judge = Check(
    cases=[
        ({"episodes": 30, "seed": 7, "pay": "1 a step"}, right),
        ({"episodes": 3, "seed": 7, "pay": "seed % 3 a step"},
         {"returns": [4.0, 8.0, 0.0], "starts": [7, 8, 9]}),
    ],
    mistakes=[
        (lambda *args: judge(*args, epsilon=0.3), "your judge explores: some episodes fall by the coin",
         "explore to learn, be greedy to be judged"),
        (lambda *args: judge(*args, flags=slice(2, 3)), "you waited for a fall, and time ran out",
         "an episode has two ways to stop"),
        (lambda *args: judge(*args, gamma=0.99), "you discounted the rewards",
         "gamma is for learning; the verdict is what was paid"),
        (lambda *args: np.mean(judge(*args)), "you gave the mean alone, which hides the spread",
         "return one number for each episode"),
        (lambda *args: 0.75 * np.array(judge(*args)), "the last step's reward is missing",
         "the step that ends an episode is paid too"),
        (lambda *args: np.cumsum(judge(*args)), "your sum runs on from episode to episode",
         "where does it begin?"),
        (lambda *args: judge(*args, act=np.argmin), "your judge takes the worse action",
         "argmax, or argmin?"),
        (lambda *args: judge(*args, looks=False), "you decided every step from the first observation",
         "what else does `env.step` return?"),
        (lambda *args: judge(*args, pay=lambda reward: 1.0), "you counted steps instead of rewards",
         "they agree in CartPole, and nowhere else"),
        *wrong_starts,
    ],
    observe=judge_facts,
)

# %% tags=["exercise"]
def greedy_returns(q_function, env, episodes, seed):
    ...


check_judge(greedy_returns)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def greedy_returns(q_function, env, episodes, seed):
    returns = []
    for episode in range(episodes):
        (state, _), over, total = env.reset(seed=seed + episode), False, 0.0
        while not over:
            state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total, over = total + reward, terminated or truncated
        returns.append(total)
    return returns


check_judge(greedy_returns)

# %% [markdown]
# **2.** A colleague reports "mean return 487 over the last 100 training episodes, best of 5 seeds". Which two words of
# this report should worry you, as a tuple of strings?

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def count_words(answer):
    named = {word.strip().lower() for word in answer()}
    others = "mean return 487 over the last 100 episodes of 5 seeds".split()
    return {"worrying": len(named & {"training", "best"}), "harmless": len(named & set(others))}


check_report = Check(
    cases=[({}, {"worrying": 2, "harmless": 0})],
    mistakes=[
        (("best",), "you have named one of the two that matter",
         "one is about the coin, the other about how this seed was chosen"),
        (("mean", "return"), "these words are harmless",
         "with which coin was it played? And how many tries does it stand for?"),
        (("best", "mean"), "one of these two is harmless",
         "what was the agent doing in these episodes, apart from being judged?"),
        (("training", "best", "mean"), "not all of these words are worrying", "name just two"),
    ],
    observe=count_words,
)

# %% tags=["exercise"]
worrying = ...

check_report(worrying)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
worrying = ("training", "best")

check_report(worrying)

# %% [markdown]
# Played with the coin, and the luckiest of five. What would you ask for instead?

# %% [markdown]
# ## Recap
#
# - The loop is act, store, learn, and now and then the target network. Everything else is care.
# - Judge greedily, on fresh episodes, over several seeds, and report those that failed.
# - The post's set-up holds its cap of 100 steps when you keep its best weights. CartPole's 500 take more.
# - A checkpoint that holds *all* of the state makes stopping harmless.
#
# ### Takeaways of the series so far
#
# The blog post ended with three, and they have aged well. *JAX may become the future of deep-learning frameworks*: it
# has become the one in which much research is done. *JAX is flexible enough for whole frameworks such as RL needs*:
# you have just built a small one from pure functions. *Deep Q-learning is simple, and the start of the deep RL
# techniques known today*: simple to write, and, as you saw, less simple to get right.
#
# ## Questions
#
# <details><summary>Why keep the best weights by evaluation, and then evaluate them again on other episodes?</summary>
#
# The best of many noisy scores is too high on average, for the same reason as the maximum in Double DQN. Fresh episodes
# give an honest number.
# </details>
#
# <details><summary>Why does a run save itself at the end of an episode, and not in the middle?</summary>
#
# In the middle it would have to save the inside of the environment too, which belongs to somebody else's library. At
# the end of an episode there is nothing in it to save.
# </details>
#
# <details><summary>Would 16 seeds with one success each be better evidence than one seed with 16 good episodes?</summary>
#
# Yes. Episodes of one agent tell how good this agent is; seeds tell whether the *method* works. Agents differ far more
# than the episodes of one agent.
# </details>
#
# ## Further reading
#
# - [My agent does not learn](troubleshooting.md): the order in which to check, one page.
# - [1] [JAX: composable transformations of Python+NumPy programs](https://github.com/jax-ml/jax).
# - [2] Mnih et al., [*Playing Atari with deep reinforcement learning*](https://www.cs.toronto.edu/~vmnih/docs/dqn.pdf)
#   (2013): the paper that this series follows.
# - Henderson et al., [*Deep reinforcement learning that matters*](https://arxiv.org/abs/1709.06560) (2018): what seeds
#   do to published results.
# - [CleanRL's DQN in JAX](https://docs.cleanrl.dev/rl-algorithms/dqn/): the same algorithm as one file, for Atari too.
#
# **Next:** the loop pays for Python at each of its steps. Moving all of it, environment included, into one compiled
# function is the next notebook's business.

"""How fast: the post's code against our loop, and the replay memory against its own size.

    python benchmarks/speed.py

Takes about a minute. Everything is measured in turn in one process (A B A B ...), five times; the
table shows medians and the spread. Ratios travel between machines; absolute times do not.
"""

import statistics
import time
from collections.abc import Iterator

import numpy as np
import post_as_written
from tqdm.auto import tqdm

from rl_jax import envs, loop
from rl_jax.replay import ReplayMemory, Transition

REPEATS = 5


def rate_as_written(steps: Iterator[int], wanted: int = 150) -> float:
    """Environment steps per second of the post's program, which goes on where it was."""
    start = time.perf_counter()
    for _ in range(wanted):
        next(steps)
    return wanted / (time.perf_counter() - start)


def rate_of_loop(env, config: loop.Config, seed: int) -> float:
    """Environment steps per second of `loop.train`, compiled before."""
    start = time.perf_counter()
    result = loop.train(env, config, seed, progress=False)
    return result.steps[-1] / (time.perf_counter() - start)


def filled_memory(size: int) -> ReplayMemory:
    """A memory full of CartPole transitions."""
    memory, state = ReplayMemory(size, seed=0), np.zeros(4, np.float32)
    transition = Transition(state, state, 0, 1.0, False)
    for _ in range(size):
        memory.experience(transition)
    return memory


def seconds_per_batch(memory: ReplayMemory, batches: int = 2_000) -> float:
    """Mean time of `sample_batch(32)`."""
    start = time.perf_counter()
    for _ in range(batches):
        memory.sample_batch(32)
    return (time.perf_counter() - start) / batches


def row(name: str, values: list[float], unit: str, scale: float = 1.0) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return (
        f"| {name} | {middle * scale:,.1f} | {low * scale:,.1f} to {high * scale:,.1f} | {unit} |"
    )


def main() -> None:
    env = envs.make("CartPole-v1")
    post = loop.BLOG_POST._replace(max_episodes=60, evaluate_every=None)
    best = loop.CARTPOLE._replace(max_steps=5_000, evaluate_every=None)
    written = post_as_written.steps()
    rate_as_written(written, 100)  # compile, and fill the first batch
    rate_of_loop(env, post, 0)
    rate_of_loop(env, best, 0)
    small, large = filled_memory(1_000), filled_memory(1_000_000)
    results: dict[str, list[float]] = {}
    for seed in tqdm(range(REPEATS), desc="rounds"):
        measured = {
            "written": rate_as_written(written),
            "post": rate_of_loop(env, post, seed),
            "best": rate_of_loop(env, best, seed),
            "small": seconds_per_batch(small),
            "large": seconds_per_batch(large),
        }
        for name, value in measured.items():
            results.setdefault(name, []).append(value)
    size = sum(field.nbytes for field in large.state_dict().values())
    median = {name: statistics.median(values) for name, values in results.items()}
    print(f"\n| what | median of {REPEATS} | range | unit |\n|---|---|---|---|")
    print(row("the post's code as written, API mended", results["written"], "steps/s"))
    print(row("our loop, the post's configuration", results["post"], "steps/s"))
    print(row("our loop, the improved configuration", results["best"], "steps/s"))
    print(row("sample_batch(32) of 1,000", results["small"], "microseconds", 1e6))
    print(row("sample_batch(32) of 1,000,000", results["large"], "microseconds", 1e6))
    print(f"\nour loop / the post's code: {median['post'] / median['written']:.1f} times as fast")
    print(f"memory of 1,000,000 / of 1,000: {median['large'] / median['small']:.2f} times the time")
    print(f"1,000,000 CartPole transitions: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

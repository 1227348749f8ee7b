"""What four seeds cannot tell: two comparisons of the notebooks, with many seeds in place of four.

    python benchmarks/few_seeds.py [--seeds 64]

Prints JSON: notebook 06's three settings, and the rows of notebook 07's figure 7.5, which has half
as many seeds; and how often four of these seeds, drawn at random, would have told another story.
"""

import argparse
import json
import math
import os

import jax
import jax.numpy as jnp
import numpy as np
from judge import SOLVED

from rl_jax import ondevice
from rl_jax.config import PLAIN, Config

KEY = 77  # of no notebook
FEW = 4  # seeds, as the notebooks have
DRAWS = 5_000

SETTINGS = {"as it is": (0.2, 0.995), "gamma 0.5": (0.2, 0.5), "epsilon 0.5": (0.5, 0.995)}
GAMMAS, EPSILONS = (0.8, 0.95, 0.995), (0.0, 0.2, 0.6, 1.0)


def trained(config: Config, pairs: list[tuple[float, float]], seeds: int) -> np.ndarray:
    """Greedy returns [pairs, seeds, evaluations], of the same seeds for each (epsilon, gamma)."""
    epsilon, gamma = np.repeat(np.array(pairs, np.float32), seeds, axis=0).T
    keys = jnp.tile(jax.random.split(jax.random.key(KEY), seeds), len(pairs))
    result = ondevice.spread(ondevice.make_train(config))(keys, epsilon=epsilon, gamma=gamma)
    return np.asarray(result.evaluation_returns).reshape(len(pairs), seeds, -1)


def draws_of_few(seeds: int) -> list[np.ndarray]:
    """Which seeds four of them are, again and again."""
    rng = np.random.default_rng(0)
    return [rng.choice(seeds, FEW, replace=False) for _ in range(DRAWS)]


def settings(seeds: int) -> dict[str, object]:
    """Notebook 06, figure 6.7."""
    config = PLAIN._replace(max_steps=10_000, evaluation_episodes=10)
    returns = dict(zip(SETTINGS, trained(config, list(SETTINGS.values()), seeds), strict=True))
    late = {name: found[:, -5:].mean(axis=1) for name, found in returns.items()}
    ahead = [
        late["epsilon 0.5"][few].mean() > late["as it is"][few].mean()
        for few in draws_of_few(seeds)
    ]
    return {
        "seeds": seeds,
        "late": {name: round(float(means.mean())) for name, means in late.items()},
        "solved": {
            name: int((found.max(axis=1) >= SOLVED).sum()) for name, found in returns.items()
        },
        "epsilon_ahead": round(float(np.mean(ahead)), 2),
    }


def sweep(seeds: int) -> dict[str, object]:
    """Notebook 07, figure 7.5: its rows, over the three columns from gamma 0.8 on."""
    config = PLAIN._replace(
        hidden=(32, 32), max_steps=6_000, epsilon_steps=2_000, evaluation_episodes=5
    )
    pairs = [(epsilon, gamma) for epsilon in EPSILONS for gamma in GAMMAS]
    last = trained(config, pairs, seeds)[:, :, -3:].mean(axis=-1)
    scores = last.reshape(len(EPSILONS), len(GAMMAS), seeds)
    first, *_, final = scores
    leads = np.array(
        [np.median(final[:, few]) - np.median(first[:, few]) for few in draws_of_few(seeds)]
    )
    return {
        "seeds": seeds,
        "medians": [round(float(np.median(row))) for row in scores],
        "leads_by_50": round(float((leads > 50).mean()), 2),
        "behind": round(float((leads < 0).mean()), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=64, help="at least 8, even")
    args = parser.parse_args()
    if args.seeds < 8 or args.seeds % 2:
        parser.error(f"--seeds must be at least 8, and even, but it is {args.seeds}")
    jax.config.update("jax_num_cpu_devices", math.gcd(args.seeds, os.cpu_count() or 1))
    print(json.dumps({"settings": settings(args.seeds), "sweep": sweep(args.seeds // 2)}))


if __name__ == "__main__":
    main()

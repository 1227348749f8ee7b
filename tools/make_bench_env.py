"""Make .venv-bench, where Stable-Baselines3 lives, unless the one that is there is right.

    .venv/bin/python tools/make_bench_env.py

It holds the extra `bench` of pyproject.toml, with the NumPy and Gymnasium of .venv; learners need
none of it, so it stays out of .venv and of the locks.
"""

import subprocess
import sys
import tomllib
from importlib.metadata import version

from make_env import ROOT, clean_environment

VENV = ROOT / ".venv-bench"
STAMP = VENV / "made-from.txt"
SAME = ("gymnasium", "numpy")

project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
wanted = [
    *project["optional-dependencies"]["bench"],
    *(f"{name}=={version(name)}" for name in SAME),
]
stamp = "\n".join([str(VENV), sys.version, *wanted])
if STAMP.exists() and STAMP.read_text() == stamp:
    sys.exit()

print(
    "Setting up .venv-bench with Stable-Baselines3, once. On Linux, PyPI's torch brings CUDA\n"
    "libraries of several GB; with PyTorch's CPU index in PIP_EXTRA_INDEX_URL it is 1 GB in all.",
    flush=True,
)
python = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
pip = [python, "-m", "pip", "install", "--quiet", "--no-warn-script-location", *wanted]
for command in ([sys.executable, "-m", "venv", "--clear", VENV], pip):
    done = subprocess.run(command, env=clean_environment(), stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = (done.stderr.strip() or "it gave no reason").splitlines()[-1]
        sys.exit(f"Part b is left out: Stable-Baselines3 could not be installed ({last}).")
STAMP.write_text(stamp)

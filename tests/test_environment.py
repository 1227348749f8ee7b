"""pyproject.toml, the locks and environment.yml agree, and set-up says clearly what it lacks."""

import queue
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from importlib.metadata import version
from pathlib import Path

import make_env
import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from race import PEERS
from series import ROOT, outside_of_make

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
PYTHONS = ("3.11.7", "3.12.1", "3.13.0")
PLATFORMS = ("linux", "darwin")
RUN_TIME = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
LOCKED = {
    "requirements.lock": [*RUN_TIME, *EXTRAS["notebooks"], *EXTRAS["test"]],
    "requirements-build.lock": [
        *PROJECT["build-system"]["requires"],
        *PROJECT["dependency-groups"]["build"],
    ],
    "requirements-browser.lock": PROJECT["dependency-groups"]["browser"],
}


def read_lock(text: str) -> tuple[list[Requirement], list[str]]:
    """(what it pins, complaints about how)."""
    pins, complaints = [], []
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        requirement, *hashes = line.split(" --hash=")
        if re.search(r"://|@|^-|^[./~]", requirement):
            complaints.append(f"not a plain name and version: {requirement}")
            continue
        pins.append(Requirement(requirement))
        if not hashes or not all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes):
            complaints.append(f"not hashed by sha256: {requirement}")
        if not re.fullmatch(r"==[\w.!+]+", str(pins[-1].specifier)):
            complaints.append(f"not exact: {requirement}")
    return pins, complaints


def check_lock(text: str, wanted: list[str], python: str, platform: str = "linux") -> list[str]:
    """For this Python, every wanted requirement has one pin, and the pin satisfies it."""
    pins, complaints = read_lock(text)
    environment = default_environment() | {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "sys_platform": platform,
    }
    active: dict[str, list[Version]] = {}
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate(environment):
            version = next(iter(pin.specifier)).version
            active.setdefault(canonicalize_name(pin.name), []).append(Version(version))
    complaints += [f"{name} is pinned twice" for name, found in active.items() if len(found) > 1]
    for requirement in map(Requirement, wanted):
        found = active.get(canonicalize_name(requirement.name))
        if not found:
            complaints.append(f"{requirement.name} is not pinned")
        elif not all(requirement.specifier.contains(version) for version in found):
            complaints.append(f"{requirement} is not met by {found[0]}")
    return complaints


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKED)
def test_the_locks_hold_what_pyproject_asks_for(lock, python, platform):
    assert check_lock((ROOT / lock).read_text(), LOCKED[lock], python, platform) == []


def test_no_python_that_we_claim_is_left_out():
    minors = {Version(python).minor for python in PYTHONS}
    bound = SpecifierSet(PROJECT["project"]["requires-python"])
    assert all(bound.contains(python) for python in PYTHONS)
    assert not bound.contains(f"3.{min(minors) - 1}.99")


def test_conda_asks_for_the_same():
    *conda, pip = CONDA["dependencies"]
    minor = re.fullmatch(r"python=(3\.\d+)", conda[0])[1]  # the form that repo2docker reads
    assert minor in {version.rpartition(".")[0] for version in PYTHONS} and conda[1:] == ["pip"]
    assert list(pip) == ["pip"] and len(pip["pip"]) == 1
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", pip["pip"][0])
    assert set(extras[1].split(",")) == {"notebooks", "test"} <= set(EXTRAS)


def test_benchmarks_alone_pay_for_the_benchmarks():
    """Stable-Baselines3 brings torch: a gigabyte that no learner and no test needs."""
    pins, _ = read_lock((ROOT / "requirements.lock").read_text())
    wanted = {
        name: [Requirement(text) for text in texts]
        for name, texts in EXTRAS.items()
        if name.startswith("bench-")
    }
    assert set(wanted) == {f"bench-{peer}" for peer in PEERS}
    bench = {requirement.name for texts in wanted.values() for requirement in texts}
    assert bench == {"gymnax", "rejax", "sbx-rl", "stable-baselines3", "torch"}
    assert all(str(each.specifier).startswith("==") for texts in wanted.values() for each in texts)
    assert not bench & {canonicalize_name(pin.name) for pin in pins}


def test_colab_has_what_pyproject_asks_for():
    """Else installing rl_jax there would replace Colab's own jax or numpy."""
    names = ("requirements-colab.txt", "requirements-colab-tests.txt")
    pins, _ = read_lock("\n".join((ROOT / name).read_text() for name in names))
    found = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}
    for requirement in map(Requirement, RUN_TIME):
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)])


def test_what_runs_here_is_what_the_lock_says():
    """Else `make test` would judge another environment than the one that was locked."""
    if not (Path(sys.prefix) / "made-from.json").exists():
        pytest.skip("not the environment of `make setup`")
    pins, _ = read_lock((ROOT / "requirements.lock").read_text())
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate():
            assert pin.specifier.contains(version(pin.name), prereleases=True), pin


HASH = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"jax==0.10.2 \\\n    --hash={HASH} \\\n    --hash={HASH}\n", None),
        (f"jax==0.10 ; python_version < '3.12' --hash={HASH}\njax==1.0 ; "
         f"python_version >= '3.12' --hash={HASH}", None),
        ("jax==0.10.2", "not hashed"),
        (f"jax==0.10.2 --hash=md5:{'0' * 32}", "not hashed"),
        (f"jax>=0.10 --hash={HASH}", "not exact"),
        (f"jax==0.5 --hash={HASH}", "not met by 0.5"),
        (f"jaxlib==0.10 --hash={HASH}", "jax is not pinned"),
        (f"jax==0.10 ; python_version >= '3.12' --hash={HASH}", "jax is not pinned"),
        (f"jax==0.10 --hash={HASH}\nJAX==0.11 --hash={HASH}", "pinned twice"),
        (f"--index-url https://a.b/simple\njax==0.10 --hash={HASH}", "not a plain name"),
        (f"jax==0.10 --hash={HASH}\nx @ file:///x.whl --hash={HASH}", "not a plain name"),
        (f"jax==0.10 --hash={HASH}\n./wheels/x.whl --hash={HASH}", "not a plain name"),
    ],
)  # fmt: skip
def test_a_wrong_lock_is_caught(text, complaint):
    complaints = check_lock(text, ["jax>=0.6"], "3.11.7")
    if complaint is None:
        assert complaints == []
    else:
        assert any(complaint in said for said in complaints), complaints


# `make setup` where it cannot work. Each stand-in runs set-up's own question in this very Python,
# after pretending something.


def set_up(tmp_path, pythons: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    """`make setup` in a bare copy, with these Pythons alone on the PATH."""
    (tmp_path / "tools").mkdir()
    for name in ("Makefile", "tools/find_python.sh", "tools/make_env.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    path = tmp_path / "bin"
    path.mkdir()
    for name in ("sh", "make", "sed"):
        (path / name).symlink_to(shutil.which(name))
    for name, pretend in pythons.items():
        stand_in(path / name, pretend)
    return subprocess.run(
        [path / "make", "--no-print-directory", "setup", *arguments],
        cwd=tmp_path,
        env=outside_of_make() | {"PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def stand_in(path, pretend: str) -> None:
    """A Python that pretends something first. By way of sh: a line with #! bears no spaces."""
    script = path.with_name(f"{path.name}.py")
    script.write_text(pretend)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{script}" "$@"\n')
    path.chmod(0o755)


ASK = "\nexec(sys.argv[sys.argv.index('-c') + 1])"
OLD = f"import sys\nsys.version_info = (3, 8, 10, 'final', 0)\n{ASK}"
NO_VENV = f"import sys\nsys.modules['ensurepip'] = None\n{ASK}"
SHIM = "import sys\nsys.exit('pyenv: command not found')"


@pytest.mark.parametrize(
    ("pythons", "arguments", "words"),
    [
        ({}, [], ["no Python at all", "install Python"]),
        ({"python3": OLD}, [], ["python3 is Python 3.8", "install Python"]),
        ({"python3": OLD, "python3.12": SHIM}, [], ["Python 3.8, python3.12 does not run"]),
        ({"python3": NO_VENV}, [], ["python3 has no venv module", "apt install python3-venv"]),
        ({"python3": OLD, "python3.12": NO_VENV}, [], ["apt install python3.12-venv"]),
        ({}, ["PYTHON=/no/such/python"], ["/no/such/python is not there"]),
        ({"mine": OLD}, ["PYTHON=mine"], ["mine is Python 3.8"]),
    ],
)
def test_a_missing_or_old_python_gets_one_clear_line(pythons, arguments, words, tmp_path):
    done = set_up(tmp_path, pythons, *arguments)
    said = [line for line in done.stderr.splitlines() if not re.match(r"(\S*/)?make\b", line)]
    assert done.returncode != 0
    assert len(said) == 1 and done.stdout == ""
    assert said[0].startswith("This needs Python 3.11 or newer")
    assert all(word in said[0] for word in words), said[0]
    assert not (tmp_path / ".venv").exists()


def test_the_first_python_that_will_do_is_taken(tmp_path):
    """Not the first name: it goes on to make the environment, and lacks only the locks."""
    shims = {"python3": SHIM, "python3.13": OLD, "python3.11": f"import sys\n{ASK}"}
    done = set_up(tmp_path, shims)
    assert "This needs" not in done.stderr
    assert "requirements" in done.stderr  # the real Python went to work, without locks


@pytest.mark.parametrize(
    ("versions", "taken"),
    [
        ({"python3": 14, "python3.12": 12}, "python3.12"),  # the locks know it
        ({"python3": 11, "python3.13": 13}, "python3"),
        ({"python3": 15, "python": 14}, "python3"),  # nothing better is there
    ],
)
def test_a_python_of_the_locks_is_taken_before_a_newer_one(versions, taken, tmp_path):
    for name, minor in versions.items():
        pretend = f"import sys\nsys.version_info = (3, {minor}, 0)\nsys.executable = {name!r}{ASK}"
        stand_in(tmp_path / name, pretend)
    done = subprocess.run(
        [shutil.which("sh"), ROOT / "tools/find_python.sh", ""],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr, done.returncode) == (f"{taken}\n", "", 0)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["browser", "CHROMIUM=/no/such"], ["make browser needs Chromium", "apt install chromium"]),
        (
            ["compat", "PYTHON313=/no/such"],
            ["make compat needs Python 3.13", "/no/such is not one"],
        ),
    ],
)
def test_a_check_that_cannot_run_fails_with_one_clear_line(command, words):
    """It must not pass for want of a browser or of a Python."""
    make = ["make", "--no-print-directory", "-o", "setup", *command]
    done = subprocess.run(make, cwd=ROOT, env=outside_of_make(), capture_output=True, text=True)
    said = [
        line for line in done.stderr.splitlines() if not re.match(r"(\S*/)?make\b.*\*\*\*", line)
    ]
    assert done.returncode != 0
    assert len(said) == 1 and done.stdout == ""
    assert all(word in said[0] for word in words), said[0]


@pytest.mark.parametrize("command", ["nbval", "browser", "compat"])
@pytest.mark.parametrize("asked", ["4", "04 9"])
def test_a_notebook_that_is_not_there_is_said_to_be_missing(command, asked):
    """Else it would run something else, or nothing, and pass."""
    make = ["make", "-n", command, f"NOTEBOOKS={asked}", "CHROMIUM=true"]
    done = subprocess.run(make, cwd=ROOT, env=outside_of_make(), capture_output=True, text=True)
    assert done.returncode != 0
    assert f'No notebook begins with "{asked[-1]}". Likely fix: NOTEBOOKS="04 06"' in done.stderr


def test_clean_removes_what_was_made_and_nothing_else(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    made = (".venv", ".artefacts", "a/__pycache__", "my work/.ipynb_checkpoints")
    mine = ("my", "work", "my work/solutions.ipynb")
    for name in (*made, *mine):
        (tmp_path / name).mkdir(parents=True)
    make = ["make", "clean"]
    subprocess.run(make, cwd=tmp_path, env=outside_of_make(), capture_output=True, check=True)
    assert not any((tmp_path / name).exists() for name in made)
    assert all((tmp_path / name).exists() for name in mine)


@pytest.mark.parametrize(
    ("system", "machine", "libc", "words"),
    [
        ("darwin", "x86_64", None, "no longer made for Intel Macs"),
        ("linux", "x86_64", "x86_64-alpine-linux-musl", "this one .* has musl"),
        ("darwin", "arm64", None, None),
        ("linux", "aarch64", "aarch64-unknown-linux-gnu", None),
    ],
)
def test_where_jax_is_not_set_up_says_so_before_it_downloads(
    system, machine, libc, words, monkeypatch
):
    monkeypatch.setattr(make_env.sys, "platform", system)
    monkeypatch.setattr(make_env.platform, "machine", lambda: machine)
    monkeypatch.setattr(make_env.sysconfig, "get_config_var", lambda name: libc)
    if words is None:
        make_env.refuse_where_jax_is_not()
    else:
        with pytest.raises(SystemExit, match=words):
            make_env.refuse_where_jax_is_not()


def test_a_second_set_up_waits_for_the_first(monkeypatch, tmp_path):
    monkeypatch.setattr(make_env, "LOCK", tmp_path / "lock")
    said, order = queue.Queue(), []
    monkeypatch.setattr(make_env, "print", lambda line, **_: said.put(line), raising=False)

    def second():
        with make_env.alone():
            order.append("second")

    with make_env.alone():
        thread = threading.Thread(target=second)
        thread.start()
        assert "Another set-up is running here" in said.get(timeout=60)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]

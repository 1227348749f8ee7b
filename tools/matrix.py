"""The tests under other Pythons, other versions and other processors' arithmetic: `make matrix`.

    python tools/matrix.py                                   # every row, for hours
    python tools/matrix.py lowest newest                     # these rows
    python tools/matrix.py lowest --only tests/test_dqn.py   # a trial: nothing of it is kept

Rows with the lock run all unit tests and compare every output (strict nbval). Those with other
versions run the unit tests that do not train for minutes, and every notebook without comparing
(lax nbval): numbers may differ there. What a machine lacks is named "not tested", with the reason.
Results are kept in tests/matrix.json, from which tools/tested.py makes TESTED.md.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import runs
import side_env
import tested
from make_env import ROOT, clean_environment

KEPT = ROOT / tested.MATRIX
LOGS = ROOT / ".artefacts/matrix"
PYTHONS = ("3.11", "3.12", "3.13")  # those of the locks
UNIT, STRICT, LAX = "unit tests", "strict nbval", "lax nbval"
BRIEF = "@tests/brief.args"  # leaves out what takes minutes, and says nothing about versions

# What XLA may be held to, and the flag by which Linux says that the processor can do it.
PROCESSORS = {"SSE4_2": "sse4_2", "AVX": "avx", "AVX2": "avx2", "AVX512": "avx512f"}
CPUINFO = Path("/proc/cpuinfo")


class NotTestedError(Exception):
    """Something that this machine lacks, in words for the table."""


class Row(NamedTuple):
    """One line of the table."""

    about: str
    environment: Callable[[], Path]  # makes it, unless it is there; may raise NotTestedError
    stages: tuple[str, ...]
    settings: Mapping[str, str] = {}


# What each row needs


def python(version: str) -> str:
    found = side_env.find_python(version)
    if found is None:
        raise NotTestedError(f"no Python {version} here")
    return found


def locked(version: str) -> Path:
    return side_env.make_locked(f"py{version}", python(version))


def resolve(version: str, *options: str | Path) -> str:
    """What uv chooses for pyproject.toml and this Python: a complete list of exact pins."""
    command = [side_env.make_uv() / "bin/uv", "pip", "compile", "--python-version", version]
    command += ["--extra", "notebooks", "--extra", "test", "--quiet", "--no-header"]
    command += ["--no-annotate", "--no-emit-index-url", *options, "pyproject.toml"]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"uv found no such set of versions: {done.stderr.strip()}")
    return done.stdout


def lowest() -> Path:
    oldest, found = PYTHONS[0], python(PYTHONS[0])
    pins = resolve(oldest, "--resolution", "lowest-direct")
    return side_env.make_resolved("lowest", found, pins)


def newest() -> Path:
    youngest, found = PYTHONS[-1], python(PYTHONS[-1])
    return side_env.make_resolved("newest", found, resolve(youngest))


def before_release() -> Path:
    """As newest, with a pre-release of JAX; of nothing else."""
    youngest, found = PYTHONS[-1], python(PYTHONS[-1])
    LOGS.mkdir(parents=True, exist_ok=True)
    wish = LOGS / "pre.in"
    wish.write_text("jax>=0.6.1rc0\njaxlib>=0.6.1rc0\n")  # such a bound admits pre-releases
    pins = resolve(youngest, wish)
    if pin_of("jax", pins) == pin_of("jax", resolve(youngest)):
        raise NotTestedError(f"no pre-release of jax is newer than {pin_of('jax', pins)}")
    return side_env.make_resolved("pre", found, pins)


def pin_of(name: str, pins: str) -> str:
    return next(
        line.partition("==")[2].split()[0]
        for line in pins.splitlines()
        if line.startswith(f"{name}==")
    )


def colab() -> Path:
    python("3.13")
    return side_env.make_compat()


def processor(name: str) -> Path:
    """The environment that runs this, if the processor has what XLA shall use at the most."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        raise NotTestedError(f"an {platform.machine()} processor has no {name}")
    if not CPUINFO.exists():
        raise NotTestedError("this system does not say what its processor can do")
    if PROCESSORS[name] not in CPUINFO.read_text().split():
        raise NotTestedError(f"this processor has no {name}")
    return Path(sys.prefix)


def processor_row(name: str) -> Row:
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_max_isa={name}".strip()
    about, environment = f"the lock, arithmetic of {name}", partial(processor, name)
    return Row(about, environment, (STRICT,), {"XLA_FLAGS": flags})


def rows() -> dict[str, Row]:
    table = {
        version: Row(f"Python {version}, the lock", partial(locked, version), (UNIT, STRICT))
        for version in PYTHONS
    }
    table["lowest"] = Row("the lowest versions that pyproject.toml admits", lowest, (UNIT, LAX))
    table["newest"] = Row("the newest versions that the registry has", newest, (UNIT, LAX))
    table["pre"] = Row("the same, with a pre-release of JAX", before_release, (UNIT, LAX))
    table["colab"] = Row("the versions that Colab has", colab, (UNIT, LAX))
    return table | {name: processor_row(name) for name in PROCESSORS}


# Running them


def targets(row: Row, stage: str, only: Sequence[str]) -> list[str]:
    """What pytest is given: all that belongs to the stage, or of `only` what does."""
    is_unit = stage == UNIT
    if only:
        return [name for name in only if name.endswith(".ipynb") != is_unit]
    if not is_unit:
        return ["notebooks"]
    return ["tests"] if STRICT in row.stages else [BRIEF, "tests"]


def command(venv: Path, row: Row, stage: str, given: Iterable[str], jobs: int) -> list[str]:
    made = [str(venv / "bin/python"), "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadscope"]
    made += {UNIT: [], STRICT: ["--nbval"], LAX: ["--nbval-lax"]}[stage]
    if LAX in row.stages:  # other versions warn of other things
        made += ["-o", "filterwarnings=default"]
    return [*made, *given]


def run_row(name: str, row: Row, only: Sequence[str], jobs: int) -> dict[str, Any]:
    """The row's result: versions and counts, or why there are none."""
    try:
        venv = row.environment()
    except NotTestedError as why:
        return {"about": row.about, "not tested": str(why)}
    except SystemExit as stopped:  # no such versions, or they do not install
        words = str(stopped.code).replace(f"{ROOT}/", "")
        return {"date": str(date.today()), "about": row.about, "broken": words}

    LOGS.mkdir(parents=True, exist_ok=True)
    result = runs.about(venv / "bin/python") | {"about": row.about, "stages": {}}
    for stage in row.stages:
        given = targets(row, stage, only)
        if not given:
            continue
        log = LOGS / f"{name}-{stage.replace(' ', '-')}.log"
        counts = runs.run_pytest(command(venv, row, stage, given, jobs), row.settings, log)
        result["stages"][stage] = counts
        print(f"  {name}, {stage}: {in_words(counts)}", flush=True)
        if counts["failed"]:
            print("".join(log.read_text().splitlines(keepends=True)[-40:]), flush=True)
    return result


def in_words(counts: Mapping[str, int]) -> str:
    shown = [f"{counts[name]} {name}" for name in ("passed", "failed", "skipped") if counts[name]]
    return f"{', '.join(shown) or 'nothing ran'} in {counts['seconds']} s"


def has_failed(result: Mapping[str, Any]) -> bool:
    stages = result.get("stages", {}).values()
    return "broken" in result or any(counts["failed"] for counts in stages)


def verdict(result: Mapping[str, Any]) -> str:
    if "not tested" in result:
        return f"not tested: {result['not tested']}"
    if "broken" in result:
        return f"FAILED: {result['broken']}"
    return "FAILED" if has_failed(result) else "passed"


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """One line a row, in columns."""
    lines = [("row", "python", "jax", UNIT, "notebooks", "result")]
    for name, result in results.items():
        found, stages = result.get("versions", {}), result.get("stages", {})
        notebooks = stages.get(STRICT) or stages.get(LAX)
        lines.append(
            (
                name,
                found.get("python", "-"),
                found.get("jax", "-"),
                in_words(stages[UNIT]) if UNIT in stages else "-",
                in_words(notebooks) if notebooks else "-",
                verdict(result),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines
    )
    return "\n".join("  ".join(line).rstrip() for line in padded)


def main(arguments: Sequence[str]) -> int:
    known = rows()
    parser = argparse.ArgumentParser(description="See the first lines of tools/matrix.py.")
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(known)}; none: all")
    parser.add_argument("--only", nargs="+", default=[], help="tests or notebooks, for a trial")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.rows if name not in known]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}. Rows: {', '.join(known)}")
    if chosen.jobs < 1:
        parser.error(f"--jobs must be at least 1, but it is {chosen.jobs}")
    absent = [path for path in chosen.only if not (ROOT / path.partition("::")[0]).is_file()]
    if absent:
        parser.error(f"--only takes files, but there is no file {', '.join(absent)}")

    without = [
        name
        for name in chosen.rows or known
        if not any(targets(known[name], stage, chosen.only) for stage in known[name].stages)
    ]
    if without:
        parser.error(
            f"nothing of {', '.join(chosen.only)} runs in {', '.join(without)}: some rows have "
            "tests, some notebooks, some both"
        )

    results = {}
    for name in chosen.rows or known:
        print(f"== {name}: {known[name].about}", flush=True)
        results[name] = run_row(name, known[name], chosen.only, chosen.jobs)
        if not chosen.only:
            runs.keep(KEPT, name, results[name])
            tested.write()
    print(table(results))
    if chosen.only:
        print(f"A trial with {' '.join(chosen.only)} alone: nothing is kept.")
    return int(any(map(has_failed, results.values())))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

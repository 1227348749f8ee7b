"""One run of pytest as data: counts, seconds, versions and the day. TESTED.md is made from it."""

import contextlib
import json
import os
import platform
import subprocess
import tempfile
import time
import xml.etree.ElementTree as xml
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from make_env import ROOT

PACKAGES = (
    *("jax", "jaxlib", "dm-haiku", "optax", "numpy", "gymnasium", "ipywidgets", "matplotlib"),
    *("rlax", "gymnax"),
)
ASK = """
import importlib.metadata as m, json, platform, sys
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def versions(python: str | Path) -> dict[str, str]:
    """Of this Python, and of those packages that it has."""
    command = [str(python), "-I", "-c", ASK, *PACKAGES]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def machine() -> str:
    """What results may depend on, and nothing that tells whose machine it is."""
    return f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"


def run_pytest(
    command: Sequence[str | Path],
    settings: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> dict[str, Any]:
    """How many passed, failed and were skipped, and the seconds; what was printed goes to `log`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        started = time.monotonic()
        with log.open("w") if log else contextlib.nullcontext() as output:
            done = subprocess.run(
                [*map(str, command), f"--junitxml={report}"],
                cwd=ROOT,
                env=os.environ | dict(settings or {}),
                stdout=output,
                stderr=subprocess.STDOUT if log else None,
            )
        seconds = round(time.monotonic() - started)
        said = report.read_text() if report.is_file() else ""
    return count(said, done.returncode) | {"seconds": seconds}


def count(report: str, returncode: int) -> dict[str, int]:
    """What pytest's report says. A run that died, or in which nothing ran, is a failure."""
    suites = list(xml.fromstring(report).iter("testsuite")) if report else []
    total = {
        name: sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }
    failed = total["failures"] + total["errors"]
    passed = total["tests"] - failed - total["skipped"]
    if returncode and not failed:
        failed = 1
    return {"passed": passed, "failed": failed, "skipped": total["skipped"]}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.is_file() else {}


def is_result(one: Mapping[str, Any]) -> bool:
    return "not tested" not in one and "broken" not in one


def keep(path: Path, name: str, result: Mapping[str, Any]) -> None:
    """Store one result beside those of other names. What could not run replaces no result."""
    kept = read(path)
    if not is_result(result) and is_result(kept.get(name, result)):
        return
    kept[name] = dict(result)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
    os.replace(unfinished, path)


def about(python: str | Path) -> dict[str, Any]:
    """When and where: the head of each result."""
    return {"date": str(date.today()), "machine": machine(), "versions": versions(python)}

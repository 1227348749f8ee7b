"""Write this repository's public address into the notebooks and the README, or take it out again.

    python tools/stamp.py OWNER/NAME TAG     # or file:///a/clone TAG, to try it without a network
    python tools/stamp.py --undo

It sets the address that the setup cell installs rl_jax from in Colab, and the Colab and Binder
badges. Nothing is run: outputs stay as they are. Stamping again replaces what was there.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from build_notebooks import read_source, write

ROOT = Path(__file__).resolve().parent.parent
SOURCE = re.compile(r'^SOURCE = ".*?"', re.MULTILINE)
BADGES = re.compile(r"^(# )?\[!\[Open in (?:Colab|Binder)\].*\n(# ?)?\n", re.MULTILINE)
PY_TITLE = re.compile(r"^# # .*\n#\n", re.MULTILINE)
README_TITLE = re.compile(r"\A# .*\n\n")
COLAB = "https://colab.research.google.com"
BINDER = "https://mybinder.org"


def is_ref(text: str) -> bool:
    """Whether git would take this as a name, and an address needs no escapes for it."""
    git = shutil.which("git") or "git"
    check = [git, "check-ref-format", f"refs/tags/{text}"]
    return bool(re.fullmatch(r"\w[\w./-]*", text)) and subprocess.run(check).returncode == 0


def source_of(repo: str, ref: str) -> str:
    """What pip installs from.

    Raises:
        ValueError: if it is not an address that pip and Colab would understand.
    """
    is_name = re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", repo) and not repo.endswith(".git")
    if not is_name and not re.fullmatch(r"file:///[^\s\"\\#@]+", repo):
        raise ValueError(f"REPO must be owner/name (or file:///a/clone), but it is {repo!r}.")
    if not is_ref(ref):
        raise ValueError(f"REF must be a tag, a branch or a commit, but it is {ref!r}.")
    address = repo if repo.startswith("file:") else f"https://github.com/{repo}"
    return f"rl-jax @ git+{address}@{ref}"


def badge(repo: str, ref: str, stem: str) -> str:
    """The Colab badge in Markdown; none for a repository that Colab cannot open."""
    if not repo or repo.startswith("file:"):
        return ""
    to = f"{COLAB}/github/{repo}/blob/{ref}/notebooks/{stem}.ipynb"
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({to})"


def binder_badge(repo: str, ref: str) -> str:
    to = f"{BINDER}/v2/gh/{repo}/{ref}?urlpath=lab/tree/notebooks/00_meet_cartpole.ipynb"
    return f"[![Open in Binder]({BINDER}/badge_logo.svg)]({to})"


def stamped(path: Path, repo: str, ref: str) -> str:
    """The text of this notebooks/src/NN_topic.py with that address in it."""
    text = BADGES.sub("", path.read_text(encoding="utf-8"))
    said = source_of(repo, ref) if repo else ""
    text, settings = SOURCE.subn(lambda _: f'SOURCE = "{said}"', text)
    if settings != 1 or not PY_TITLE.search(text):
        raise ValueError(f"{path.name} has no title, or not one line 'SOURCE = \"\"' in its setup.")
    if line := badge(repo, ref, path.stem):
        text = PY_TITLE.sub(lambda title: f"{title[0]}# {line}\n#\n", text, count=1)
    return text


def pair_of(path: Path) -> Path:
    return path.parent.parent / f"{path.stem}.ipynb"


def refuse_unlike(path: Path) -> None:
    """Outputs are kept cell by cell, so each cell must be what it was when they were made."""
    ours, theirs = read_source(path).cells, nbformat.read(pair_of(path), as_version=4).cells
    if [cell.source for cell in ours] != [cell.source for cell in theirs]:
        raise ValueError(f"{path.name} and its notebook differ. Run `make notebooks` first.")


def stamp_notebook(path: Path, text: str) -> None:
    """Write this text to notebooks/src/NN_topic.py, and its notebook in step; outputs stay."""
    path.write_text(text, encoding="utf-8")
    target = pair_of(path)
    old, new = nbformat.read(target, as_version=4), read_source(path)
    for before, after in zip(old.cells, new.cells, strict=True):
        if after.cell_type == "code":
            after.outputs, after.execution_count = before.outputs, before.execution_count
    new.metadata = old.metadata
    write(new, target)


def stamp_readme(path: Path, repo: str, ref: str) -> None:
    text = BADGES.sub("", path.read_text(encoding="utf-8"))
    if line := badge(repo, ref, "00_meet_cartpole"):
        line = f"{line} {binder_badge(repo, ref)}\n\n"
        text = README_TITLE.sub(lambda title: title[0] + line, text, count=1)
    path.write_text(text, encoding="utf-8")


def stamp(root: Path, repo: str, ref: str) -> int:
    """How many notebooks were stamped; an empty `repo` takes the stamp out."""
    if repo:
        source_of(repo, ref)  # complain before anything is changed
    paths = sorted((root / "notebooks/src").glob("[0-9][0-9]_*.py"))
    for path in paths:
        refuse_unlike(path)
    if not README_TITLE.search((root / "README.md").read_text(encoding="utf-8")):
        raise ValueError(
            "README.md must begin with a title and an empty line, for the badges stand under it."
        )
    texts = [stamped(path, repo, ref) for path in paths]
    for path, text in zip(paths, texts, strict=True):
        stamp_notebook(path, text)
    stamp_readme(root / "README.md", repo, ref)
    return len(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repo", nargs="?", default="", help="owner/name")
    parser.add_argument("ref", nargs="?", default="", help="tag, branch or commit")
    parser.add_argument("--undo", action="store_true", help="take the stamp out")
    options = parser.parse_args()
    if options.undo and options.repo:
        parser.error("--undo takes the stamp out, and needs no repository and no tag")
    if not options.undo and not (options.repo and options.ref):
        sys.exit("Say where this repository is published: make stamp REPO=owner/name REF=tag")
    try:
        count = stamp(ROOT, "" if options.undo else options.repo, options.ref)
    except ValueError as error:
        sys.exit(str(error))
    print(f"{'Cleared' if options.undo else 'Stamped'} {count} notebooks and the README.")


if __name__ == "__main__":
    main()

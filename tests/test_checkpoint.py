"""A file that is written as a whole or not at all, and never half read."""

import errno
import os
import subprocess

import numpy as np
import pytest

from rl_jax import checkpoint

ARRAYS = {"a": np.arange(3), "b": np.float32([[1, 2]]), "flag": np.bool_(True)}
HEADER = {"seed": 3, "logs": [1.5, None, "x"]}


def saved(path):
    checkpoint.save(path, ARRAYS, HEADER)
    return path


def test_what_is_saved_comes_back(tmp_path):
    arrays, header = checkpoint.load(saved(tmp_path / "run.npz"))
    assert header == HEADER and arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == np.asarray(array).dtype
    assert checkpoint.load_header(tmp_path / "run.npz") == HEADER
    assert os.listdir(tmp_path) == ["run.npz"]


@pytest.mark.parametrize("broken", ["savez", "fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(broken, tmp_path, monkeypatch):
    path = saved(tmp_path / "run.npz")
    before = path.read_bytes()

    def fail(target, *args, **options):
        if broken == "savez":
            target.write(b"the first half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np if broken == "savez" else os, broken, fail)
    with pytest.raises(OSError, match=r"cannot be written .*No space left.*untouched") as caught:
        checkpoint.save(path, {"a": np.zeros(9)}, {})
    assert caught.value.errno == errno.ENOSPC and caught.value.filename == str(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_failure_that_has_no_number_is_told_in_its_words(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("in words alone")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"cannot be written \(in words alone\)"):
        saved(tmp_path / "run.npz")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MB, where that can be had."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(small_disk):
    path = saved(small_disk / "run.npz")
    before = path.read_bytes()
    with pytest.raises(OSError, match=r"cannot be written \(No space left on device\)"):
        checkpoint.save(path, {"a": np.random.default_rng(0).random(200_000)}, {})
    assert path.read_bytes() == before
    assert checkpoint.load(path)[1] == HEADER


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:200] + bytes([data[200] ^ 255]) + data[201:],
        lambda data: b"",
        lambda data: b"not a checkpoint",
    ],
    ids=["half", "cut", "flipped", "empty", "text"],
)
def test_a_damaged_file_is_refused_and_left(damage, tmp_path):
    path = saved(tmp_path / "run.npz")
    path.write_bytes(damaged := damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"run\.npz is no checkpoint of this package, or damaged"):
        checkpoint.load(path)
    assert path.read_bytes() == damaged


def test_a_foreign_file_is_refused(tmp_path):
    np.savez(tmp_path / "run.npz", weights=np.ones(3))
    np.save(tmp_path / "one.npy", np.ones(3))
    for name in ("run.npz", "one.npy"):
        for load in (checkpoint.load, checkpoint.load_header):
            with pytest.raises(ValueError, match="is no checkpoint of this package"):
                load(tmp_path / name)


def test_a_pickle_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    np.savez(tmp_path / "run.npz", header=np.array(Bomb(), dtype=object))
    with pytest.raises(ValueError, match="is no checkpoint"):
        checkpoint.load(tmp_path / "run.npz")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), MemoryError("Unable to allocate 229. MiB")]
)
def test_what_the_machine_cannot_do_is_not_the_files_fault(error, tmp_path, monkeypatch):
    path = saved(tmp_path / "run.npz")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(np, "load", fail)
    for read in (checkpoint.load, checkpoint.load_header):
        with pytest.raises(type(error)) as caught:
            read(path)
        assert caught.value is error


def test_a_name_that_would_not_come_back_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"another name than a\.npy"):
        checkpoint.save(tmp_path / "run.npz", {"a": np.zeros(2), "a.npy": np.ones(2)}, {})
    assert os.listdir(tmp_path) == []


def test_who_may_read_it_stays_as_it_is(tmp_path):
    path = saved(tmp_path / "run.npz")
    path.chmod(0o600)
    saved(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_knows_no_permissions_will_do(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    path = saved(tmp_path / "run.npz")
    monkeypatch.setattr(os, "chmod", refuse)
    checkpoint.save(path, {"a": np.ones(2)}, {})
    assert checkpoint.load(path)[0]["a"].tolist() == [1, 1]


def test_a_missing_file_is_an_error_of_the_systems(tmp_path):
    with pytest.raises(FileNotFoundError):
        checkpoint.load(tmp_path / "run.npz")


def test_places(tmp_path):
    assert checkpoint.check_place(tmp_path / "new.npz") == tmp_path / "new.npz"
    assert checkpoint.check_place(str(tmp_path / "new.npz")) == tmp_path / "new.npz"
    old = saved(tmp_path / "old.npz").read_bytes()
    checkpoint.check_place(tmp_path / "old.npz")
    assert (tmp_path / "old.npz").read_bytes() == old
    assert os.listdir(tmp_path) == ["old.npz"]


def test_places_that_will_not_do(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"must be a file, but .* is a folder"):
        checkpoint.check_place(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"a folder that exists, but there is no .*mkdir"):
        checkpoint.check_place(tmp_path / "nowhere" / "run.npz")
    with pytest.raises(FileNotFoundError, match=r"can be written, but /proc/run\.npz cannot be"):
        checkpoint.check_place("/proc/run.npz")
    with pytest.raises(OSError, match=r"can be written, but .* \(File name too long\)"):
        checkpoint.check_place(tmp_path / ("a" * 300))
    with pytest.raises(TypeError):
        checkpoint.check_place(7)


def test_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = saved(tmp_path / "run.npz")
    before = path.read_bytes()

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupt)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(path, ARRAYS, HEADER)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_header_that_json_cannot_write_leaves_nothing(tmp_path):
    with pytest.raises(TypeError, match="not JSON serializable"):
        checkpoint.save(tmp_path / "run.npz", ARRAYS, {"of": object()})
    assert os.listdir(tmp_path) == []


def test_a_file_of_the_users_own_stays(tmp_path):
    own = tmp_path / "run.npz.tmp"
    own.write_text("mine")
    checkpoint.check_place(tmp_path / "run.npz")
    saved(tmp_path / "run.npz")
    assert own.read_text() == "mine"


def test_two_processes_that_save_at_once_do_not_write_into_one_file(tmp_path, monkeypatch):
    moved, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *args: moved.append(args[0]) or replace(*args))
    for process in (11, 12):
        monkeypatch.setattr(os, "getpid", lambda process=process: process)
        saved(tmp_path / "run.npz")
    assert len(moved) == len(set(moved)) == 2


def test_a_text_is_no_checkpoint_and_nobody_is_told_to_trust_it(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("buy milk")
    with pytest.raises(
        ValueError, match=r"is no checkpoint .* \(it is not made of arrays\)"
    ) as said:
        checkpoint.load(notes)
    assert "pickle" not in str(said.value)

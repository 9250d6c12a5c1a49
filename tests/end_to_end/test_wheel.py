"""The installed product: a wheel in a venv of its own, run from an empty folder, with the repository out of reach."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.command import REPOSITORY, report

pytestmark = pytest.mark.slow

PARTS = ("features", "steps", "fixtures", "profiles", "conftest.py", "pyproject.toml")
# Notes every file of the repository that a process opens; the packages it needs are in the repository's own venv.
WATCH = """
import os, sys
def watch(event, arguments):
    name = arguments[0] if event in {{"open", "os.listdir", "os.scandir"}} and arguments else None
    if isinstance(name, str) and os.path.abspath(name).startswith({root!r}) and not name.startswith({packages!r}):
        with_descriptor = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(with_descriptor, (name + "\\n").encode())
        os.close(with_descriptor)
sys.addaudithook(watch)
"""


def _call(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    text = [str(part) for part in command]
    done = subprocess.run(text, cwd=cwd, env=env, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=REPOSITORY)
    (built,) = folder.glob("ktcheck-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the wheel; a path file lends it the other packages, without the editable install among them."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    _call(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=home)
    own = Path(
        _call(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])", cwd=home).stdout.strip()
    )
    packages = sysconfig.get_paths()["purelib"]
    (own / "lent.pth").write_text(packages + "\n", encoding="utf-8")
    watch = WATCH.format(root=f"{REPOSITORY}{os.sep}", packages=sys.prefix, log=str(home / "opened"))
    (own / "sitecustomize.py").write_text(watch, encoding="utf-8")
    return home


def _opened(installed: Path) -> Sequence[str]:
    log = installed / "opened"
    return sorted(set(log.read_text(encoding="utf-8").splitlines())) if log.exists() else []


def test_the_wheel_carries_the_suite_and_not_its_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in PARTS:
        assert any(name.startswith(f"ktcheck/_suite/{part}") for name in names), part
    there = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "features").rglob("*.feature")}
    assert {name.removeprefix("ktcheck/_suite/") for name in names if name.endswith(".feature")} == there
    assert [name for name in names if "tests/" in name or name.endswith((".pem", ".pyc"))] == []
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ktcheck"}


def test_the_installed_package_is_the_one_that_runs(installed: Path, tmp_path: Path) -> None:
    show = "import ktcheck, ktcheck.suite, sys; print(ktcheck.__file__, ktcheck.suite.ROOT, *sys.path, sep='\\n')"
    file, root, *path = _call(installed / "bin" / "python", "-c", show, cwd=tmp_path).stdout.splitlines()
    assert Path(file).is_relative_to(installed)
    assert Path(root).name == "_suite"
    assert str(REPOSITORY) not in path


def test_the_demo_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = _call(installed / "bin" / "ktcheck", "demo", cwd=tmp_path)
    assert "one domain approved, one rejected" in done.stdout
    (demo,) = (tmp_path / "reports" / "demo").iterdir()
    assert {path.name: report(path)["verdict"] for path in demo.iterdir() if path.is_dir()} == {
        "de-linde": "approved",
        "het-veer": "rejected",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    assert _opened(installed) == []


def test_the_watch_sees_what_is_opened(installed: Path, tmp_path: Path) -> None:
    """Last, because it spoils the log: without this, an empty log would prove nothing."""
    _call(installed / "bin" / "python", "-c", f"open({str(REPOSITORY / 'README.md')!r}).close()", cwd=tmp_path)
    assert _opened(installed) == [str(REPOSITORY / "README.md")]
    (installed / "opened").unlink()

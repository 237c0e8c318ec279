"""The set-up: what starting imports, the pinned packages, the targets of make, and what tracked files must not name."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = dict(
    line.split("==")
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
DECLARED = [Requirement(text) for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
SLOW = ("torch", "transformers", "sentence_transformers", "gradio", "faiss", "bm25s", "scipy", "sklearn", "pandas")


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded when a fresh interpreter has run the code."""
    code += "\nimport sys\nprint('\\n' + ' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_import_qa_loads_nothing_but_the_standard_library() -> None:
    assert not loaded_by("import qa") & {*SLOW, "numpy", "rich", "typer", "yaml"}


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["--version"], ["frob"]], ids=" ".join)
def test_help_loads_no_slow_library(arguments: list[str]) -> None:
    loaded = loaded_by(f"from qa.cli import run\nrun({arguments!r})")
    assert "typer" in loaded
    assert not loaded & {*SLOW, "numpy", "rich"}


def test_a_question_that_cannot_be_put_is_refused_without_the_model() -> None:
    assert not loaded_by("from qa.cli import run\nrun(['ask', ''])") & {"torch", "transformers", "faiss"}


def test_what_is_declared_is_pinned_to_a_version_that_fits() -> None:
    wrong = {
        requirement.name: PINS.get(canonicalize_name(requirement.name))
        for requirement in DECLARED
        if not requirement.specifier.contains(PINS.get(canonicalize_name(requirement.name), "0"), prereleases=True)
    }
    assert not wrong, "run: make lock"


def test_pins_are_exact_and_fit_every_machine() -> None:
    assert PINS["torch"] == "2.13.0"
    assert all(Version(pin).local is None for pin in PINS.values())
    assert not [name for name in PINS if name.startswith(("nvidia-", "cuda-")) or name in ("triton", "pip")]
    assert "setuptools" in PINS  # make install builds the project without fetching a build system


def test_pins_are_what_the_tests_run_with() -> None:
    other = {}
    for requirement in DECLARED:
        if requirement.name in ("build", "pip-tools"):  # tools that no test uses
            continue
        installed = Version(version(requirement.name)).public
        if installed != PINS[canonicalize_name(requirement.name)]:
            other[requirement.name] = installed
    assert not other, "run: make install"


@pytest.mark.parametrize("target", ["install", "run", "test", "check", "lock"])
def test_make_knows_the_target(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.M)
    assert target in re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split()  # type: ignore[index]
    assert f"make {target} " in makefile  # told at the top


def test_check_is_lint_types_layers_and_tests() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--assume-old=install", "check"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for tool in ("ruff format --check", "ruff check", "mypy", "lint-imports", "pytest"):
        assert tool in done.stdout


def test_ci_calls_what_people_call() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    lines = script.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("make check ") for line in lines)
    assert lines[-1] == "make test"
    subprocess.run(["bash", "-n", script], check=True)


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_files_name_no_place_of_one_machine_and_no_package_host() -> None:
    """Set-up, code and documents work anywhere: no absolute path of a machine, no address of a package index."""
    places = re.compile(
        r"(?<![\w.])/(?:work|root|home/\w+|opt)/|file:///\w|(?:pypi|pythonhosted|whl)\.\w*\.?(?:org|com)|index-url"
    )
    found = []
    for path in tracked_files():
        if path == Path(__file__).resolve() or path.suffix not in {".py", ".md", ".toml", ".txt", ".cfg", ".yml", ""}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if places.search(line.replace("--no-emit-index-url", "")):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found


def test_the_index_is_not_tracked() -> None:
    tracked = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    assert [name for name in tracked if name.startswith("index/")] == ["index/README.md"]

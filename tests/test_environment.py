import ast
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import packages_distributions, requires

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from workspaces import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = {canonicalize_name(r.name): r for r in map(Requirement, PROJECT["dependencies"])}
EXTRAS = {
    extra: {canonicalize_name(r.name): r for r in map(Requirement, lines)}
    for extra, lines in PROJECT["optional-dependencies"].items()
}
OWN = EXTRAS["dev"].pop("laoyou").extras  # the tests need what these need
DEVELOPMENT = {name: r for extra in ("dev", *OWN) for name, r in EXTRAS[extra].items()}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CONDA_NAMES = {"brotli": "brotli-python"}  # where conda-forge calls a package otherwise
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = ("linux", "darwin", "win32")


@dataclass(frozen=True)
class Locked:
    """One entry of the lock: a version, where it applies, and the hashes of its files."""

    name: str
    version: Version
    marker: Marker | None
    hashes: tuple[str, ...]

    def applies(self, python: str, system: str) -> bool:
        """Return whether this version is the one for a Python and a system."""
        machine = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": system}
        return self.marker is None or self.marker.evaluate(
            {**machine, "platform_python_implementation": "CPython", "implementation_name": "cpython"}
        )


def locked() -> list[Locked]:
    entries = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", LOCK.replace("\\\n", " ")):
        words, *_ = block.splitlines()
        requirement, *hashes = re.split(r"\s+--hash=", words.strip())
        name, version, marker = re.fullmatch(r"([\w.-]+)==([^\s;]+)\s*(?:;\s*(.+))?", requirement).groups()  # type: ignore[union-attr]
        entries.append(
            Locked(
                canonicalize_name(name), Version(version), Marker(marker) if marker else None, tuple(hashes)
            )
        )
    return entries


ENTRIES = locked()


def minor(version: Version) -> tuple[int, int]:
    return version.major, version.minor


def minors(name: str) -> list[tuple[int, int]]:
    """Return the minor versions that the lock holds of a package: one, or some for some Pythons."""
    return sorted({minor(entry.version) for entry in ENTRIES if entry.name == name})


# The lock


def test_every_entry_of_the_lock_has_hashes() -> None:
    assert len(ENTRIES) > 100
    for entry in ENTRIES:
        assert entry.hashes, entry.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in entry.hashes), entry.name


def test_the_lock_names_no_address_and_no_index() -> None:
    assert not re.search(r"https?://|git\+|file:|--(extra-)?index-url|--find-links|--trusted-host", LOCK)
    assert not re.search(r"^-", LOCK, re.M)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lock_has_one_fitting_version_of_every_dependency(python: str, system: str) -> None:
    for name, requirement in (RUNTIME | DEVELOPMENT).items():
        found = [entry.version for entry in ENTRIES if entry.name == name and entry.applies(python, system)]
        assert len(found) == 1, (name, found)
        assert requirement.specifier.contains(found[0]), (name, found)


def test_the_lock_is_tried_on_every_python_that_the_project_supports() -> None:
    supported = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{n}" for n in range(8, 20) if supported.contains(f"3.{n}.0")] == list(PYTHONS)
    assert supported.contains(".".join(map(str, sys.version_info[:3])))


def test_the_tests_have_what_every_other_extra_asks_for() -> None:
    assert {"dev", *OWN} == set(EXTRAS)


# Conda


def conda_entries() -> dict[str, str]:
    """Return what conda installs: the specification by name."""
    words = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]
    return {re.split(r"[=<>]", word)[0]: re.sub(r"^[^=<>]+", "", word) for word in words}


def pip_entries() -> list[str]:
    [section] = [entry for entry in CONDA["dependencies"] if isinstance(entry, dict)]
    assert list(section) == ["pip"]
    return list(section["pip"])


def test_conda_uses_conda_forge_alone_and_pip_last() -> None:
    assert CONDA["channels"] == ["conda-forge"]
    assert isinstance(CONDA["dependencies"][-1], dict)
    assert "pip" in conda_entries()
    assert re.fullmatch(r"(--no-deps )?-e \.", pip_entries()[-1])


def test_python_has_the_same_range_everywhere() -> None:
    supported = SpecifierSet(PROJECT["requires-python"])
    assert SpecifierSet(conda_entries()["python"]) == supported
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    [(low, high)] = re.findall(r"\(3, ?(\d+)\) <= sys\.version_info < \(3, ?(\d+)\)", make)
    assert SpecifierSet(f">=3.{low},<3.{high}") == supported


def test_every_runtime_dependency_is_installed_by_conda_or_pip() -> None:
    names = {*conda_entries(), *(re.split(r"[=<>]", word)[0] for word in pip_entries())}
    assert [name for name in RUNTIME if CONDA_NAMES.get(name, name) not in names] == []


def test_conda_installs_nothing_that_the_project_does_not_name() -> None:
    ours = {canonicalize_name(CONDA_NAMES.get(name, name)) for name in RUNTIME | DEVELOPMENT}
    assert [name for name in conda_entries() if canonicalize_name(name) not in ours | {"python", "pip"}] == []


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_conda_has_the_minor_version_of_the_lock(name: str) -> None:
    versions = minors(name)
    assert versions
    specification = conda_entries().get(CONDA_NAMES.get(name, name))
    if specification is None:  # not on conda-forge
        [exact] = [entry.version for entry in ENTRIES if entry.name == name]
        assert f"{name}=={exact}" in pip_entries()
    elif specification.startswith("="):
        assert re.fullmatch(r"=\d+\.\d+", specification)
        assert versions == [minor(Version(specification[1:]))]
    else:  # the newest version no longer supports the oldest Python
        (major, low), (_, high) = versions[0], versions[-1]
        assert specification == f">={major}.{low},<{major}.{high + 1}"


def test_what_builds_the_project_is_in_the_range_of_the_project() -> None:
    for name, requirement in DEVELOPMENT.items():
        specification = conda_entries().get(CONDA_NAMES.get(name, name).replace("_", "-"))
        assert specification is None or requirement.specifier.contains(specification.lstrip("=")), name


# What the code imports


def test_every_package_that_the_code_imports_is_declared_or_comes_with_one_that_is() -> None:
    brought = {canonicalize_name(Requirement(line).name) for name in RUNTIME for line in requires(name) or []}
    distributions = packages_distributions()
    for file in sorted((ROOT / "laoyou").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for module in {m.split(".")[0] for m in modules} - {"laoyou"} - set(sys.stdlib_module_names):
                names = {canonicalize_name(name) for name in distributions[module]}
                assert names & (set(RUNTIME) | brought), (file.name, module)

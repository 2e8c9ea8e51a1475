"""The parts of README.md that measurements write: each stands between its mark and the next end."""

from __future__ import annotations

import platform
import re
from pathlib import Path

README = Path(__file__).resolve().parent / "README.md"
END = "<!-- end -->"


def with_section(whole: str, name: str, text: str) -> str:
    """Return a README with the section of a name replaced."""
    mark = f"<!-- {name} -->\n"
    head, found, rest = whole.partition(mark)
    assert found, f"no section {name}"
    return f"{head}{mark}{text.strip()}\n{END}{rest.partition(END)[2]}"


def write_section(name: str, text: str) -> None:
    """Replace the section of a name in README.md."""
    README.write_text(
        with_section(README.read_text(encoding="utf-8"), name, text), encoding="utf-8", newline="\n"
    )


def processor() -> str:
    """Return what kind of processor this is."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", info.read_text(encoding="utf-8")) if info.exists() else None
    return model[1] if model else platform.machine()

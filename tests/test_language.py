"""The language of pages: every message has its translation, and no words stand outside messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import laoyou
from laoyou.language import CATALOGUES, HAN

HOUSE = Path(laoyou.__file__).parent
KEYWORDS = {"tr": None, "trn": (1, 1), "mark": None}
# Whose words readers of pages see. Everywhere else messages are for people at the keyboard or in files of the office.
SPEAKING = [
    *sorted((HOUSE / "pages").glob("*.py")),
    *sorted((HOUSE / "templates").rglob("*.j2")),
    *(
        HOUSE / name
        for name in (
            "batch/portal.py",
            "batch/attached.py",
            "batch/twins.py",
            "words.py",
            "formats.py",
        )
    ),
]
FILES = pytest.mark.parametrize("file", SPEAKING, ids=[p.relative_to(HOUSE).as_posix() for p in SPEAKING])
Message = str | tuple[str, ...]


@cache
def messages(file: Path) -> tuple[str, ...]:
    """Return the messages of a file."""
    method = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
    with file.open("rb") as stream:
        found = list(extract(method, stream, keywords=KEYWORDS, options={"encoding": "utf-8"}))
    return tuple(dict.fromkeys(one[0] if isinstance(one, tuple) else one for _, one, _, _ in found))


@cache
def translated() -> dict[str, tuple[str, ...]]:
    """Return what stands in the catalogues of English, by message."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted((CATALOGUES / "en/LC_MESSAGES").glob("*.po")):
        with file.open("rb") as stream:
            for one in read_po(stream, locale="en"):
                if one.id and not one.fuzzy:
                    id = one.id[0] if isinstance(one.id, tuple) else one.id
                    found[id] = one.string if isinstance(one.string, tuple) else (one.string,)
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@FILES
def test_every_message_is_translated(file: Path) -> None:
    assert [one for one in messages(file) if not all(translated().get(one, ("",)))] == []


def test_translations_name_the_same_values_and_hold_no_chinese() -> None:
    for message, texts in translated().items():
        for text in texts:
            assert names(text) | {"n"} == names(message) | {"n"}, (message, text)
            assert not HAN.search(text), (message, text)


def outside(file: Path) -> Iterator[str]:
    """Yield what a module says in Chinese without passing it through a message."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {id(a) for call in ast.walk(tree) if isinstance(call, ast.Call) for a in call.args[:1]
            if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS}  # fmt: skip
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said | told
            and HAN.search(node.value)
        ):
            yield f"line {node.lineno}: {node.value}"


@FILES
def test_no_chinese_stands_outside_a_message(file: Path) -> None:
    if file.suffix == ".py":
        assert list(outside(file)) == []
    else:
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}", "", file.read_text(encoding="utf-8"), flags=re.S)
        assert not HAN.findall(text)

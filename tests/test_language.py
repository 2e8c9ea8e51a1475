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
from laoyou.language import CATALOGUES, HAN, Words, begun, clauses, listed, mark, sentence, speaking, tr, trn

HOUSE = Path(laoyou.__file__).parent
KEYWORDS = {"tr": None, "trn": (1, 1), "mark": None, "markn": (1, 1)}
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
def messages(file: Path) -> tuple[tuple[str, bool], ...]:
    """Return the messages of a file, and of each whether it counts."""
    method = "python" if file.suffix == ".py" else "jinja2.ext:babel_extract"
    with file.open("rb") as stream:
        found = list(extract(method, stream, keywords=KEYWORDS, options={"encoding": "utf-8"}))
    return tuple(
        dict.fromkeys((one[0], True) if isinstance(one, tuple) else (one, False) for _, one, _, _ in found)
    )


@cache
def translated() -> dict[str, tuple[str, ...]]:
    """Return what stands in the catalogues of English, by message."""
    found: dict[str, tuple[str, ...]] = {}
    with (CATALOGUES / "en/LC_MESSAGES/laoyou.po").open("rb") as stream:
        for one in read_po(stream, locale="en"):
            if one.id and not one.fuzzy:
                id = one.id[0] if isinstance(one.id, tuple) else one.id
                found[id] = one.string if isinstance(one.string, tuple) else (one.string,)
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@FILES
def test_every_message_is_translated(file: Path) -> None:
    assert [one for one, _ in messages(file) if not all(translated().get(one, ("",)))] == []
    assert [one for one, counts in messages(file) if counts and len(translated()[one]) == 1] == []


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


def test_nothing_stands_in_the_catalogue_that_no_page_says() -> None:
    said = {one for file in HOUSE.rglob("*") if file.suffix in (".py", ".j2") for one, _ in messages(file)}
    assert translated().keys() <= said


# How it is said


def test_chinese_is_what_stands_in_the_code() -> None:
    assert tr("{size} 个百分点", size="1.8") == "1.8 个百分点"
    assert trn("{n} 项", 2) == "2 项"
    assert listed(["甲", "乙"]) == "甲、乙"
    assert clauses(["甲", "", "乙"]) == "甲；乙"
    assert sentence("甲") == "甲。"
    assert begun("abc") == "abc"


def test_english_has_its_own_words_number_and_capitals() -> None:
    with speaking("en"):
        assert listed(["a", "b"]) == "a, b"
        assert clauses(["a", "", "b"]) == "a; b"
        assert sentence("the year is over") == "The year is over."
        assert begun("“quoted”") == "“Quoted”"
        assert trn("有 {n} 项没有生成", 1) != trn("有 {n} 项没有生成", 2).replace("2", "1")
    assert listed(["甲", "乙"]) == "甲、乙"


def test_words_are_said_in_the_language_of_the_moment() -> None:
    words = Words({"red": mark("严重滞后")})
    assert words["red"] == "严重滞后"
    with speaking("en"):
        assert dict(words) == {"red": "Far behind"}


def test_a_message_without_translation_is_said_in_chinese() -> None:
    with speaking("en"):
        assert tr("".join(["没有", "这句"])) == "没有这句"

"""The language that pages speak: Chinese as it stands in the code, or another by a catalogue of messages (gettext).

A process speaks one language at a time, Chinese unless told otherwise: a notebook's kernel that of its report, the
process that publishes that of the quarter at hand. Messages to people at the keyboard are in Chinese always.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""The languages of a report, each with its tag for HTML (BCP 47)."""

CATALOGUES = Path(__file__).parent / "locale"
_HAN = "[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef]+"
_AMONG = r"(?:[\d .,/()—–·…“”-]{1,8}|[A-Za-z]+(?: [A-Za-z]+)? ?)"
HAN = re.compile(f"{_HAN}(?:{_AMONG}{_HAN})*")
"""Chinese characters and full-width punctuation, with figures and the odd Latin word among them."""
_FIRST = re.compile(r"\w")
_spoken: ContextVar[str] = ContextVar("language", default="zh")


def spoken() -> str:
    """Return the language being spoken: a key of ``LANGUAGES``."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak a language from now on.

    Parameters
    ----------
    language : a key of ``LANGUAGES``
    """
    if language not in LANGUAGES:
        raise ValueError(language)
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for the length of a block."""
    before = spoken()
    speak(language)
    try:
        yield
    finally:
        speak(before)


def tr(message: str, /, **values: object) -> str:
    """Return a message in the language being spoken.

    Parameters
    ----------
    message : in Chinese, with ``{name}`` for each value; a literal, so that catalogues can be made from the code
    values : what stands for the names, already in words of that language
    """
    text = message if spoken() == "zh" else catalogue(spoken()).gettext(message)
    return text.format(**values) if values else text


def trn(message: str, n: int, /, **values: object) -> str:
    """Return a message that counts something, in the number that its language asks for.

    Parameters
    ----------
    message : in Chinese, which has one number; ``{n}`` stands for the count
    n : the count
    values : what stands for the other names
    """
    text = message if spoken() == "zh" else catalogue(spoken()).ngettext(message, message, n)
    return text.format(n=n, **values)


def mark(message: str) -> str:
    """Return a message as it is; catalogues shall have it, and ``tr`` or ``Words`` say it later."""
    return message


def markn(message: str) -> str:
    """Return a message as it is; catalogues shall have it in each number, and ``trn`` says it later."""
    return message


class Words(Mapping[str, str]):
    """Fixed words by code, said in the language being spoken.

    Parameters
    ----------
    words : the Chinese words, each in ``mark`` so that catalogues have it
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = dict(words)

    def __getitem__(self, code: str) -> str:
        return tr(self._words[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def listed(items: Iterable[str]) -> str:
    """Return some things one after the other: 甲、乙; a, b."""
    return tr("、").join(items)


def clauses(parts: Iterable[str]) -> str:
    """Return clauses as one sentence without its full stop, empty ones left out: 甲；乙; a; b."""
    return tr("；").join(part for part in parts if part)


def noted(text: str, note: str) -> str:
    """Return a text with a note in brackets; without a note the text alone."""
    return tr("{text}（{note}）", text=text, note=note) if note else text


def sentences(parts: Iterable[str]) -> str:
    """Return sentences one after the other, empty ones left out; between them a space where the language has one."""
    return ("" if spoken() == "zh" else " ").join(part for part in parts if part)


def sentence(text: str) -> str:
    """Return a text as a sentence: with its full stop, and begun with a capital where the language has them."""
    return begun(tr("{text}。", text=text))


def begun(text: str) -> str:
    """Return a text whose first letter is a capital; Chinese has none."""
    first = _FIRST.search(text)
    if spoken() == "zh" or first is None:
        return text
    at = first.start()
    return text[:at] + text[at].upper() + text[at + 1 :]


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the messages of a language, read from its catalogue of the GNU form."""
    from babel.messages.mofile import write_mo  # only where another language is asked for
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (CATALOGUES / language / "LC_MESSAGES/laoyou.po").open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

"""Personal data: how it is recognised, and what stands in its place."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from laoyou.errors import IntakeError, Problem

KEY_BYTES = 32
HASH_DIGITS = 20  # 80 bits: no two of a million cases alike
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15})(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}\d{7,8}(?!\d)")
_HARMLESS = re.compile(
    r"[-0-9.,%+/:#!?()—–…~ 年月日季度前第一二三四至上下半全末底万亿零千百个以约左右元件人次家]{0,24}|#[A-Z/0!?]+"
)
_WORDS = re.compile(r"[\d#]|季度|半年|全年")  # without these, Chinese letters may be a name: 万千，季全
_BETWEEN = re.compile(r"(?<=[\dXx+)])[\s\-—–·.()\u200b-\u200f\u2060\ufeff]+(?=[\dXx(])")


def personal_numbers(text: str) -> bool:
    """Return whether a text holds what looks like an identity or telephone number.

    Parameters
    ----------
    text : any text; full-width digits and digits set apart by spaces or dashes are seen through

    Notes
    -----
    Identity numbers have 18 digits with the check of GB 11643-1999 (ISO 7064, MOD 11-2) or the 15 of before
    1999; a number of 18 digits that fails the check counts if its middle is a date of birth, for a mistyped
    one is as personal.
    """
    narrow = unicodedata.normalize("NFKC", text)
    for form in (narrow, _BETWEEN.sub("", narrow)):
        if _MOBILE.search(form) or _LANDLINE.search(form):
            return True
        if any(_identity(found) for found in _IDENTITY.findall(form)):
            return True
    return False


def _identity(digits: str) -> bool:
    born = digits[6:14] if len(digits) == 18 else f"19{digits[6:12]}"
    plausible = born[:2] in {"18", "19", "20"} and "01" <= born[4:6] <= "12" and "01" <= born[6:8] <= "31"
    if len(digits) == 15:
        return plausible
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, digits[:17], strict=True))
    return plausible or "10X98765432"[total % 11] == digits[17].upper()


def quoted(text: str) -> str:
    """Return a cell's text as a message may repeat it: only what cannot be about a person.

    A short run of digits, signs and the words of dates and amounts is repeated; of anything else, which could
    be a name in the wrong column, only the length is told.
    """
    narrow = unicodedata.normalize("NFKC", text)
    nameless = not re.search(r"[一-鿿]", narrow) or _WORDS.search(narrow)
    if (
        _HARMLESS.fullmatch(narrow)
        and nameless
        and not personal_numbers(narrow)
        and not re.search(r"\d{11}", narrow)
    ):
        return f"「{text}」"
    return f"有 {len(text)} 个字（不照录，请看原文件）"


def case_key(file: Path, shown: str, *, needed: bool) -> bytes:
    """Return the secret that case ids are hashed with, made on first use.

    Parameters
    ----------
    file : where it is kept; never in version control
    shown : its name in messages
    needed : whether records hashed with it already exist, so that a new one would not fit

    Raises
    ------
    IntakeError
        If it is needed and absent, is damaged, or cannot be written.
    """
    try:
        if (
            not file.exists() and not needed and not file.is_symlink()
        ):  # a link that leads nowhere is no first use
            _write_key(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        remedy = "从备份取回；确实找不回时，把 data/records/ 移走后重新录入全部导出"
        raise IntakeError(shown, Problem("密钥文件", "不存在，已有的个案对不上号", remedy=remedy)) from None
    except (OSError, ValueError) as cause:
        raise IntakeError(
            shown, Problem("密钥文件", f"读不出来（{type(cause).__name__}）", "64 位十六进制数", "从备份取回")
        ) from None
    if len(key) != KEY_BYTES:
        raise IntakeError(shown, Problem("密钥文件", "长度不对", "64 位十六进制数", "从备份取回"))
    return key


def key_mark(key: bytes) -> str:
    """Return by which a secret is known again; it gives away neither the secret nor any case id."""
    return hmac.new(key, b"the secret of case ids", hashlib.sha256).hexdigest()[:HASH_DIGITS]


def _write_key(file: Path) -> None:
    """Write a new secret that only its owner can read, whole or not at all; whoever calls is the only writer."""
    for left in file.parent.glob(f"{file.name}.*.partial"):
        left.unlink(missing_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def case_hasher(key: bytes) -> Callable[[Sequence[str]], list[str]]:
    """Return what turns case ids into what stands for each: HMAC-SHA-256 under the key, its first 20 hex digits.

    Without the key nobody can tell the id, even by trying all of them.

    Parameters
    ----------
    key : no longer than a block of the hash [64 bytes]

    Notes
    -----
    ``H(K ^ opad, H(K ^ ipad, text))``, RFC 2104. Both beginnings are hashed once, as its section 4 suggests, for the ids of an
    export are many.
    """
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))

    def hashed(cases: Sequence[str]) -> list[str]:
        together = unicodedata.normalize("NFKC", "\n".join(cases)).upper()
        plain = together.split("\n")
        if len(plain) != len(cases) or plain != together.split():  # some are empty or have spaces
            plain = ["".join(unicodedata.normalize("NFKC", case).split()).upper() for case in cases]
        found, begun, ending = [], inner.copy, outer.copy
        for case in plain:
            within, whole = begun(), ending()
            within.update(case.encode("utf-8"))
            whole.update(within.digest())
            found.append(whole.hexdigest()[:HASH_DIGITS])
        return found

    return hashed


def case_hash(key: bytes, case: str) -> str:
    """Return what stands for one case id, as ``case_hasher`` says."""
    return case_hasher(key)([case])[0]

"""Personal numbers recognised, names not repeated, case ids hashed."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from laoyou.errors import IntakeError
from laoyou.personal import HASH_DIGITS, case_hash, case_hasher, case_key, personal_numbers, quoted

# By the check digits of GB 11643-1999, worked by hand: 11010519491231002X is the standard's own example.
IDENTITY = "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        IDENTITY.lower(),
        f"身份证{IDENTITY}号",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "110105\u200b19491231\u200b002X",
        "110105194912310021",  # mistyped: the check digit is X, yet the middle is a date of birth
        "110105491231002",  # of before 1999
        "13800138000",
        "手机：138-0013-8000。",
        "138 0013 8000",
        "１３８００１３８０００",
        "+8613800138000",
        "86 138 0013 8000",
        "(+86) 138.0013.8000",
        "0577-63381234",
        "（0577）63381234",
        "010 12345678",
        "057763381234",
    ],
)
def test_what_looks_like_an_identity_or_telephone_number_is_recognised(text: str) -> None:
    assert personal_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-09-30",
        "20260930",
        "2026年1—9月",
        "168,000",
        "12800138000",  # no mobile number begins with 12
        "1380013800",
        "138001380001",
        "123456789012345678",  # neither the check digit nor a date of birth
        "110105199913310021",  # no thirteenth month, and no check digit
        "330305001",
        "浙温洞演示裁字00123号",
        "63381234",
        "94.5%",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert not personal_numbers(text)


@pytest.mark.parametrize(
    "text",
    ["0.945", "94.5%", "2026年1—9月", "2026年三季度", "第三季度", "上半年", "1.2万", "-5", "#REF!", "20260930", "９４．５", "约360人", "——", "5/30"],
)  # fmt: skip
def test_what_cannot_be_about_a_person_is_repeated(text: str) -> None:
    assert quoted(text) == f"「{text}」"


@pytest.mark.parametrize(
    "text",
    [
        "欧阳测试", "Zhang San", "万千", "季全", "左家元", "x", "13800138000", IDENTITY, "0577-63381234",
        "138 0013 8000", "12345678901", "1" * 25, "北岙街道1号", "2026年\n三季度", "<script>",
    ],
)  # fmt: skip
def test_of_anything_else_only_the_length_is_told(text: str) -> None:
    assert quoted(text) == f"有 {len(text)} 个字（不照录，请看原文件）"


def test_a_key_is_made_once_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".case-key"
    key = case_key(file, "钥", needed=False)
    assert len(key) == 32
    assert bytes.fromhex(file.read_text(encoding="ascii")) == key
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert case_key(file, "钥", needed=True) == key
    assert [p.name for p in tmp_path.iterdir()] == [".case-key"]


def test_two_keys_are_never_alike(tmp_path: Path) -> None:
    assert case_key(tmp_path / "a", "钥", needed=False) != case_key(tmp_path / "b", "钥", needed=False)


def test_a_lost_key_is_not_replaced_where_records_need_it(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refusal:
        case_key(tmp_path / ".case-key", "data/.case-key", needed=True)
    (problem,) = refusal.value.problems
    assert refusal.value.where == "data/.case-key"
    assert "备份" in problem.remedy
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "ab" * 33, "秘密", "ab" * 32 + "x"])
def test_a_damaged_key_is_refused_and_not_repeated(content: str, tmp_path: Path) -> None:
    file = tmp_path / ".case-key"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(IntakeError) as refusal:
        case_key(file, "钥", needed=False)
    assert "备份" in str(refusal.value)
    if content:
        assert content not in str(refusal.value)
    assert file.read_text(encoding="utf-8") == content


def test_a_key_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError):
        case_key(tmp_path / "没有的目录" / ".case-key", "钥", needed=False)


def test_a_hash_is_hmac_sha_256_of_the_id() -> None:
    # RFC 2104 spelt out: H(K xor opad, H(K xor ipad, text)), the key filled up to 64 bytes
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in b"key".ljust(64, b"\0")) + b"AX00001").digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in b"key".ljust(64, b"\0")) + inner).hexdigest()
    assert case_hash(b"key", "AX00001") == outer[:20]


def test_a_hash_is_of_the_id_however_it_is_spelt() -> None:
    assert case_hash(b"\x0b" * 20, "甲1") == case_hash(b"\x0b" * 20, " 甲１ ")
    assert case_hash(b"a", "甲1") != case_hash(b"b", "甲1")
    assert case_hash(b"a", "甲1") != case_hash(b"a", "甲2")
    assert case_hash(b"a", "ax1") == case_hash(b"a", "AX 1")
    assert len(case_hash(b"a", "甲1")) == HASH_DIGITS == 20


@pytest.mark.parametrize(
    "cases",
    [
        ["甲1", "ax2", "ＢＸ3"],
        ["甲1", " 甲 1", "\u3000ax2"],  # with spaces
        ["甲\n1", "ax2", ""],  # of several lines, and empty
        ["", "a b"],  # as many pieces as ids, but other ones
        ["e", "\u0301e"],  # a mark that must not join the id before it
        [],
    ],
)
def test_ids_hashed_together_are_hashed_as_each_alone(cases: list[str]) -> None:
    assert case_hasher(b"a")(cases) == [case_hash(b"a", case) for case in cases]

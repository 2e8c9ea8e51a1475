from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.errors import NotAllowedError
from laoyou.targets import FULL_COVERAGE, Operator, Target, parse_target

# What the plan prints as numbers: up to five digits, at most two of them after a point.
PRINTED_NUMBERS = st.one_of(
    st.integers(0, 99_999).map(str),
    st.decimals(0, 99_999, places=1).map(str),
    st.decimals(0, 99_999, places=2).map(str),
)
# Written from the grammar's words, not from the module's own patterns.
SHAPES = re.compile(
    r"\s*(?:\d+(?:\.\d+)?(?:\s*\u5de6\u53f3|\u4ee5\u4e0a)?"
    r"|[<>\uff1c\uff1e\u2264\u2265]\s*\d+(?:\.\d+)?"
    r"|.*\u5168\u8986\u76d6|\u5f00\u5c55\u8bd5\u70b9|\u2014\u2014)\s*"
)


@given(PRINTED_NUMBERS)
def test_a_printed_number_is_a_floor_of_that_value(number: str) -> None:
    assert parse_target(number) == Target(number, Operator.GE, float(number), plain=True)


@given(
    PRINTED_NUMBERS,
    st.sampled_from(
        [
            ("<{}", Operator.LT),
            ("\uff1c{}", Operator.LT),
            ("< {}", Operator.LT),
            (">{}", Operator.GT),
            ("\uff1e{}", Operator.GT),
            ("≤{}", Operator.LE),
            ("≥{}", Operator.GE),
            ("{}以上", Operator.GE),
            ("{}左右", Operator.ABOUT),
            ("{} 左右", Operator.ABOUT),
        ]
    ),
)
def test_a_sign_or_word_around_a_number_gives_its_operator(number: str, form: tuple[str, Operator]) -> None:
    shape, operator = form
    text = shape.format(number)
    assert parse_target(text) == Target(text, operator, float(number), plain=False)


@given(st.text(max_size=20).filter(lambda text: not SHAPES.fullmatch(text)))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotAllowedError):
        parse_target(text)


@given(PRINTED_NUMBERS, st.sampled_from("+,-~%/eEx\uff0c约近人"))
def test_a_number_with_anything_else_around_it_is_refused(number: str, sign: str) -> None:
    for text in (f"{sign}{number}", f"{number}{sign}"):
        with pytest.raises(NotAllowedError):
            parse_target(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("约5", id="a hedge the grammar does not know"),
        pytest.param("5.", id="a point with nothing behind it"),
        pytest.param(".5", id="a point with nothing before it"),
        pytest.param("1,300", id="a thousands separator"),
        pytest.param("1300 1300", id="two numbers"),
        pytest.param("<", id="a sign without a number"),
        pytest.param("<>5", id="two signs"),
        pytest.param("<5左右", id="a bound that is also about"),
        pytest.param("25000以上左右", id="a floor that is also about"),
        pytest.param("左右", id="about nothing"),
        pytest.param("以上", id="a floor of nothing"),
        pytest.param("—", id="half a dash"),
        pytest.param("试点", id="half a milestone"),
        pytest.param("基本全覆盖", id="a hedged coverage"),
        pytest.param("基本实现全覆盖", id="a hedged coverage in other words"),
        pytest.param("未全覆盖", id="a denied coverage"),
        pytest.param("规上企业约全覆盖", id="a hedged coverage of some"),
        pytest.param(">80全覆盖", id="a bound and a coverage"),
        pytest.param("全覆盖左右", id="about full coverage"),
        pytest.param("", id="nothing"),
        pytest.param("   ", id="only spaces"),
    ],
)
def test_a_cell_outside_the_grammar_is_refused_with_the_grammar(text: str) -> None:
    with pytest.raises(NotAllowedError) as refusal:
        parse_target(text)
    assert refusal.value.found.startswith(f"「{text}」")
    for shape in ("1300", "<5", ">30", "25000以上", "2580左右", "全覆盖", "开展试点", "——"):
        assert shape in refusal.value.allowed


@pytest.mark.parametrize("cell", [1300, 94.5, None, True, ["1300"]])
def test_a_cell_that_is_no_text_is_refused(cell: object) -> None:
    with pytest.raises(NotAllowedError, match="引号"):
        parse_target(cell)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "scope"),
    [("全覆盖", ""), ("规上企业全覆盖", "规上企业"), ("产改试点企业全覆盖", "产改试点企业")],
)
def test_full_coverage_asks_for_every_one_of_its_scope(text: str, scope: str) -> None:
    target = parse_target(text)
    assert (target.operator, target.value, target.scope) == (Operator.GE, 100.0, scope)
    assert target.full_coverage
    assert not target.plain
    assert FULL_COVERAGE == 100.0


@pytest.mark.parametrize(("text", "operator"), [("——", Operator.NONE), ("开展试点", Operator.MILESTONE)])
def test_an_absent_cell_and_a_milestone_hold_no_number(text: str, operator: Operator) -> None:
    assert parse_target(text) == Target(text, operator)
    assert parse_target(text).value is None
    assert not operator.numeric


def test_the_text_is_kept_as_printed_even_where_spaces_are_ignored() -> None:
    assert parse_target(" 2580左右 ") == Target(" 2580左右 ", Operator.ABOUT, 2580.0)


def test_a_target_is_not_doubtful_unless_someone_says_so() -> None:
    target = parse_target("1900")
    assert not target.suspect
    assert target.note == ""


def test_only_a_bound_that_leaves_itself_out_is_strict() -> None:
    assert {operator for operator in Operator if operator.strict} == {Operator.GT, Operator.LT}


def test_every_operator_but_milestone_and_none_has_a_number() -> None:
    numeric = {operator for operator in Operator if operator.numeric}
    assert numeric == {Operator.GE, Operator.LE, Operator.GT, Operator.LT, Operator.ABOUT}

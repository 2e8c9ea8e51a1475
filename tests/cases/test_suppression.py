import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.cases.suppression import merged, suppressed, withhold

WHOLE = "330305"


def hidden(*counts: int, below: int = 5) -> list[bool]:
    """Return which parts of one column of counts are withheld."""
    return suppressed(pd.DataFrame({"value": counts}), below).tolist()


def hidden_rates(*counts: tuple[int, int], below: int = 5) -> list[bool]:
    """Return which parts of a table of numerators and denominators are withheld."""
    return suppressed(pd.DataFrame(counts, columns=["numerator", "denominator"]), below).tolist()


# By hand


def test_nothing_is_withheld_where_no_count_is_small() -> None:
    assert hidden(5, 6, 100) == [False, False, False]


def test_a_count_below_five_is_withheld_and_five_is_not() -> None:
    assert hidden(4, 4, 5) == [True, True, False]
    assert hidden(5, 5, 5) == [False, False, False]


def test_a_single_small_part_takes_the_smallest_other_with_it() -> None:
    assert hidden(30, 3, 20, 9) == [False, True, False, True]


def test_of_two_equally_small_others_the_first_goes() -> None:
    assert hidden(3, 9, 9) == [True, True, False]


def test_two_small_parts_that_reach_five_together_are_enough() -> None:
    assert hidden(2, 3, 9, 20) == [True, True, False, False]


def test_two_small_parts_that_do_not_reach_five_take_the_smallest_other() -> None:
    assert hidden(2, 2, 9, 20) == [True, True, True, False]


def test_parts_without_a_case_do_not_hide_each_other() -> None:
    assert hidden(0, 0, 7, 20) == [True, True, True, False]


def test_a_small_numerator_withholds_the_denominator_too() -> None:
    assert hidden_rates((4, 50), (40, 60), (30, 40)) == [True, False, True]


def test_what_is_withheld_elsewhere_is_withheld_here_and_not_alone() -> None:
    counts = pd.DataFrame({"value": [30, 20, 9]}, index=["a", "b", "c"])
    assert suppressed(counts, 5, {"a"}).tolist() == [True, False, True]  # with the smallest other
    assert suppressed(counts, 5, {"a", "b"}).tolist() == [True, True, False]
    assert suppressed(counts, 5, {"z"}).tolist() == [False, False, False]
    assert merged(counts, 5, {"a"}) == {"a": "other", "b": "b", "c": "other"}


def test_what_is_withheld_reaches_five_in_every_column() -> None:
    # The numerators withheld add up to 2 with the two small parts, and to 8 with the next.
    assert hidden_rates((1, 9), (1, 9), (6, 12), (20, 30)) == [True, True, True, False]
    assert hidden_rates((2, 9), (3, 9), (6, 12), (20, 30)) == [True, True, False, False]


def test_the_smallest_part_is_that_with_the_fewest_cases_in_all_columns() -> None:
    assert hidden_rates((2, 9), (18, 20), (5, 40)) == [True, True, False]  # 38 before 45
    assert hidden_rates((2, 9), (18, 30), (5, 40)) == [True, False, True]  # 45 before 48


def test_with_two_parts_both_or_none_are_withheld() -> None:
    assert hidden(4, 90) == [True, True]
    assert hidden(90, 5) == [False, False]


def test_a_single_small_part_is_withheld_though_the_total_is_the_same_figure() -> None:
    assert hidden(4) == [True]
    assert hidden(5) == [False]


def test_where_all_counts_are_zero_all_are_withheld() -> None:
    assert hidden(0, 0, 0) == [True, True, True]


def test_where_everything_together_is_small_everything_is_withheld() -> None:
    assert hidden(0, 4, 0) == [True, True, True]
    assert hidden(1, 2, 1) == [True, True, True]


def test_the_threshold_is_a_matter_of_the_rules() -> None:
    assert hidden(9, 10, 11, below=10) == [True, True, False]
    assert hidden(0, 1, 7, below=1) == [True, True, False]
    assert hidden(0, 1, 7, below=0) == [False, False, False]


# A table of regions


def regions(*counts: int) -> pd.DataFrame:
    """Return a table of the whole, the sum of its parts, and the parts a, b, c …"""
    return pd.DataFrame({"region": [WHOLE, *"abcdefgh"[: len(counts)]], "value": [sum(counts), *counts]})


def test_the_whole_is_always_shown() -> None:
    table = withhold(regions(1, 2), ["value"], 5, WHOLE)
    assert dict(zip(table["region"], table["suppressed"], strict=True)) == {
        WHOLE: False,
        "a": True,
        "b": True,
    }


def test_the_whole_is_no_complement() -> None:
    table = withhold(regions(30, 3, 7), ["value"], 5, WHOLE)
    assert table["suppressed"].tolist() == [False, False, True, True]


def test_a_whole_without_parts_is_shown() -> None:
    assert withhold(regions(), ["value"], 5, WHOLE)["suppressed"].tolist() == [False]


def test_the_whole_may_stand_anywhere() -> None:
    table = withhold(regions(30, 3, 7).iloc[[2, 0, 3, 1]], ["value"], 5, WHOLE)
    assert dict(zip(table["region"], table["suppressed"], strict=True)) == {
        WHOLE: False,
        "a": False,
        "b": True,
        "c": True,
    }


def test_the_counts_themselves_are_left_as_they_are() -> None:
    table = regions(30, 3, 7)
    pd.testing.assert_frame_equal(withhold(table, ["value"], 5, WHOLE)[["region", "value"]], table)


# An attacker, who has every figure shown and the totals

BELOW = 5
PARTS = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 14)).map(lambda p: (min(p), max(p))), min_size=2, max_size=8
)


def bounds(counts: np.ndarray, flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most that each count withheld can be, from what is published alone.

    What is withheld in a column adds up to the total less what is shown, no count is negative, and no
    numerator is above its denominator. Each bound tightens the others until none moves any more.
    """
    rest = counts.sum(axis=0) - counts[~flags].sum(axis=0)
    least = np.zeros((int(flags.sum()), counts.shape[1]), int)
    most = np.tile(rest, (len(least), 1))
    while True:
        before = least.copy(), most.copy()
        least = np.maximum(least, rest - (most.sum(axis=0) - most))
        most = np.minimum(most, rest - (least.sum(axis=0) - least))
        if counts.shape[1] == 2:
            most[:, 0] = np.minimum(most[:, 0], most[:, 1])
            least[:, 1] = np.maximum(least[:, 1], least[:, 0])
        if (before[0] == least).all() and (before[1] == most).all():
            return least, most


def attack(counts: np.ndarray, flags: np.ndarray) -> list[tuple[int, int]]:
    """Return which cells withheld are known exactly: the part among those withheld, and the column."""
    least, most = bounds(counts, flags)
    return [(int(part), int(column)) for part, column in zip(*np.nonzero(least == most), strict=True)]


def test_the_attacker_finds_a_single_part_withheld() -> None:
    counts = np.array([[3], [9], [20]])
    assert attack(counts, np.array([True, False, False])) == [(0, 0)]


def test_the_attacker_finds_parts_of_which_nothing_is_left() -> None:
    counts = np.array([[0], [0], [20]])
    assert attack(counts, np.array([True, True, False])) == [(0, 0), (1, 0)]


def test_the_attacker_does_not_find_one_of_two() -> None:
    counts = np.array([[3], [9], [20]])
    assert attack(counts, np.array([True, True, False])) == []


@given(parts=PARTS)
def test_no_total_of_a_rate_gives_a_part_back(parts: list[tuple[int, int]]) -> None:
    counts = np.array(parts)
    flags = suppressed(pd.DataFrame(counts), BELOW)
    # Where the total itself is zero all its parts are; that much a total shown always tells.
    known = [(part, column) for part, column in attack(counts, flags) if counts[:, column].sum() > 0]
    assert known == []


@given(counts=st.lists(st.integers(0, 14), min_size=2, max_size=8))
def test_no_total_of_a_count_gives_a_part_back(counts: list[int]) -> None:
    column = np.array(counts)[:, None]
    flags = suppressed(pd.DataFrame(column), BELOW)
    assert sum(counts) == 0 or attack(column, flags) == []


@given(parts=PARTS)
def test_what_the_totals_leave_is_never_a_small_count(parts: list[tuple[int, int]]) -> None:
    counts = np.array(parts)
    flags = suppressed(pd.DataFrame(counts), BELOW)
    totals = counts.sum(axis=0)
    if flags.any():
        rest = totals - counts[~flags].sum(axis=0)
        assert (rest >= np.minimum(BELOW, totals)).all()


@given(parts=PARTS)
def test_no_small_count_is_shown_and_no_more_is_withheld_than_needed(parts: list[tuple[int, int]]) -> None:
    counts = np.array(parts)
    flags = suppressed(pd.DataFrame(counts), BELOW)
    small = (counts < BELOW).any(axis=1)
    assert flags[small].all()
    complements = sorted(counts[flags & ~small].sum(axis=1))
    shown = counts[~flags].sum(axis=1)
    assert not small.any() or not complements or not len(shown) or complements[-1] <= shown.min()
    assert small.any() or not flags.any()
    if complements:  # without the largest of them, what is withheld would be too little
        size = counts.sum(axis=1)
        last = max(np.nonzero(flags & ~small)[0], key=lambda part: (size[part], part))
        fewer = flags.copy()
        fewer[last] = False
        assert fewer.sum() < 2 or (counts[fewer].sum(axis=0) < BELOW).any()


# Several versions of one table, all of which the attacker has


def versions(*tables: dict[str, int]) -> list[dict[str, int | None]]:
    """Return what is shown of the versions of a table of parts, each withheld after the ones before; None for withheld."""
    shown: list[dict[str, int | None]] = []
    before: set[str] = set()
    for table in tables:
        whole = pd.DataFrame({"region": [WHOLE, *table], "value": [sum(table.values()), *table.values()]})
        flags = withhold(whole, ["value"], BELOW, WHOLE, before).set_index("region")["suppressed"]
        before |= {part for part in table if flags[part]}
        shown.append({part: None if flags[part] else count for part, count in table.items()})
    return shown


def test_the_complement_does_not_move_to_another_part() -> None:
    # By itself the second version would withhold a and c: the total 24, b's 11 and the 10 that c had before give a's 3.
    first, second = versions({"a": 3, "b": 9, "c": 10}, {"a": 3, "b": 11, "c": 10})
    assert first == {"a": None, "b": None, "c": 10}
    assert second == {"a": None, "b": None, "c": 10}


def test_what_grows_beyond_five_stays_withheld() -> None:
    _, second = versions({"a": 3, "b": 9, "c": 10}, {"a": 30, "b": 9, "c": 10})
    assert second == {"a": None, "b": None, "c": 10}


def test_a_part_that_becomes_small_takes_another_with_it_though_some_are_withheld() -> None:
    # Alone with a and b, whose sum of 9 the first version gave, d would be the total less 9 less what is shown.
    first, second = versions({"a": 3, "b": 6, "c": 10, "d": 9}, {"a": 3, "b": 6, "c": 10, "d": 4})
    assert first == {"a": None, "b": None, "c": 10, "d": 9}
    assert second == {"a": None, "b": None, "c": None, "d": None}


def test_parts_withheld_before_that_add_up_to_too_little_take_another() -> None:
    _, second = versions({"a": 3, "b": 4, "c": 9, "d": 20}, {"a": 2, "b": 2, "c": 9, "d": 20})
    assert second == {"a": None, "b": None, "c": None, "d": 20}


def test_a_part_withheld_before_and_not_counted_now_counts_as_withheld() -> None:
    table = withhold(regions(30, 9), ["value"], 5, WHOLE, ["b", "z", WHOLE])
    assert dict(zip(table["region"], table["suppressed"], strict=True)) == {
        WHOLE: False,
        "a": False,
        "b": True,
    }
    alone = withhold(regions(30, 2), ["value"], 5, WHOLE, ["z"])
    assert alone["suppressed"].tolist() == [
        False,
        True,
        True,
    ]  # b is newly withheld, so must be enough without z


def test_nothing_is_withheld_where_nothing_was() -> None:
    assert versions({"a": 5, "b": 9}, {"a": 6, "b": 9}) == [{"a": 5, "b": 9}, {"a": 6, "b": 9}]


STORIES = st.integers(2, 7).flatmap(
    lambda parts: st.lists(
        st.lists(
            st.tuples(st.integers(0, 14), st.integers(0, 14)).map(lambda p: (min(p), max(p))),
            min_size=parts, max_size=parts,
        ),
        min_size=2, max_size=4,
    )
)  # fmt: skip


def told(story: list[list[tuple[int, int]]]) -> list[np.ndarray]:
    """Return which parts each version of a table withholds."""
    flags: list[np.ndarray] = []
    for counts in story:
        before = np.flatnonzero(np.any(flags, axis=0)) if flags else ()
        flags.append(suppressed(pd.DataFrame(counts), BELOW, before))
    return flags


@given(story=STORIES)
def test_once_withheld_is_withheld_in_every_later_version(story: list[list[tuple[int, int]]]) -> None:
    flags = told(story)
    assert all((later | ~earlier).all() for earlier, later in itertools.pairwise(flags))
    assert all(
        hidden[(np.array(counts) < BELOW).any(axis=1)].all()
        for counts, hidden in zip(story, flags, strict=True)
    )


@given(story=STORIES)
def test_no_version_by_itself_gives_a_part_back(story: list[list[tuple[int, int]]]) -> None:
    for counts, hidden in zip(map(np.array, story), told(story), strict=True):
        assert all(counts[:, column].sum() == 0 for _, column in attack(counts, hidden))


@given(story=STORIES)
def test_earlier_figures_put_in_for_parts_withheld_later_give_no_part_back_that_was_never_shown(
    story: list[list[tuple[int, int]]],
) -> None:
    # The worst case for us: the attacker takes every part that was ever shown at its value of now, and is right.
    flags = told(story)
    never = flags[0]
    for counts in map(np.array, story):
        if never.any() and (counts[never].sum(axis=0) >= BELOW).all():
            assert attack(counts, never) == []


@given(story=STORIES)
def test_the_sum_of_what_was_withheld_before_gives_no_part_back_that_is_withheld_for_the_first_time(
    story: list[list[tuple[int, int]]],
) -> None:
    # Again the worst case: the attacker takes that sum from the version before, and is right.
    flags = told(story)
    for counts, earlier, hidden in zip(map(np.array, story[1:]), flags, flags[1:], strict=False):
        fresh, small = hidden & ~earlier, (counts < BELOW).any(axis=1) & ~earlier
        if not small.any() or (earlier | fresh).all():
            continue  # complements alone, none of which is small; or nothing is left to hide behind
        assert attack(counts, fresh) == []


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_parts_does_not_matter_where_no_two_are_alike(seed: int) -> None:
    counts = np.array([[1, 2], [3, 6], [5, 9], [7, 8], [20, 22], [30, 31]])
    order = np.random.default_rng(seed).permutation(len(counts))
    plain = suppressed(pd.DataFrame(counts), BELOW)
    assert suppressed(pd.DataFrame(counts[order]), BELOW).tolist() == plain[order].tolist()


# Groups shown together


@pytest.mark.parametrize(
    ("sizes", "together"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 20}, {"a", "b"}),  # with the next smallest, so that no total gives it back
        ({"a": 2, "b": 3, "c": 20}, {"a", "b"}),
        ({"a": 2, "other": 3, "c": 20}, {"a", "other"}),
        ({"a": 2, "b": 3, "other": 20}, {"a", "b", "other"}),  # two of that name could not be told apart
        ({"a": 5, "b": 6, "other": 7}, {"other"}),
        ({"a": 3}, {"a"}),
        ({}, set()),
    ],
)
def test_small_groups_go_by_one_name(sizes: dict[str, int], together: set[str]) -> None:
    counts = pd.DataFrame({"cases": pd.Series(sizes, dtype=int)})
    expected = {group: "other" if group in together else group for group in sizes}
    assert merged(counts, 5) == expected

"""Expected values are worked out by hand from the plan's printed cells."""

from math import isnan, nan

import pandas as pd
import pytest
from workspaces import shipped_plan, shipped_rules

from laoyou.plan import Plan
from laoyou.rules import Skills
from laoyou.skills import Chain, chain_of, consistency, growths, implied_employed, implied_growth, needs

PLAN = shipped_plan()
RULES = shipped_rules().skills
SKILLED, HIGHLY = "skilled_workers", "highly_skilled_workers"
SHARE, INNER, EMPLOYED = "skilled_share_of_employed", "highly_skilled_share_of_skilled", "employed_persons"
Q2 = pd.Period("2026Q2", freq="Q-DEC")


def chain(plan: Plan = PLAN) -> Chain:
    found = chain_of(plan)
    assert found is not None
    return found


def without(*ids: str) -> Plan:
    rows = {id: row for id, row in PLAN.indicators.items() if id not in ids}
    return PLAN.model_copy(update={"indicators": rows})


def asked(rules: Skills = RULES, **figures: float) -> pd.DataFrame:
    found = needs(PLAN, chain(), rules, Q2, {SKILLED: 23000, HIGHLY: 7000, EMPLOYED: 71000, **figures})
    return found.set_index(["scenario", "indicator"])


def test_the_rows_are_found_by_what_their_ratios_are_made_of() -> None:
    found = chain()
    assert (found.skilled.id, found.highly.id) == (SKILLED, HIGHLY)
    assert (found.share.id, found.inner.id, found.employed) == (SHARE, INNER, EMPLOYED)


@pytest.mark.parametrize("absent", [SKILLED, HIGHLY, SHARE, INNER])
def test_a_plan_without_one_of_them_has_no_such_rows(absent: str) -> None:
    assert chain_of(without(absent)) is None


def test_the_plan_implies_ever_fewer_employed() -> None:
    found = implied_employed(PLAN, chain())
    assert found[2023] == pytest.approx(20200 / 0.275)
    assert found[2027] == pytest.approx(25000 / 0.355)
    assert implied_growth(PLAN, chain()) == pytest.approx((25000 * 0.275 / (20200 * 0.355)) ** 0.25 - 1)
    assert implied_growth(PLAN, chain()) == pytest.approx(-0.0105, abs=0.00005)


def test_the_scenarios_are_the_rules() -> None:
    found = growths(PLAN, chain(), RULES)
    assert list(found) == ["falling", "flat", "rising"]
    assert (found["falling"], found["flat"], found["rising"]) == (implied_growth(PLAN, chain()), 0, 0.01)
    own = growths(PLAN, chain(), Skills(falling=-0.02, rising=0.03))
    assert own == {"falling": -0.02, "flat": 0, "rising": 0.03}


def test_nothing_falls_where_the_plan_implies_no_fall() -> None:
    rows = {id: row.model_copy() for id, row in PLAN.indicators.items()}
    rows[SHARE] = rows[SHARE].model_copy(
        update={"targets": dict.fromkeys(PLAN.years, rows[SHARE].targets[2023])}
    )
    plan = PLAN.model_copy(update={"indicators": rows})
    assert implied_growth(plan, chain(plan)) > 0
    assert list(growths(plan, chain(plan), RULES)) == ["flat", "rising"]


def test_flat_employment_asks_for_shares_of_as_many() -> None:
    found = asked().loc["flat"]
    assert found["base"].to_dict() == pytest.approx(
        {SKILLED: nan, SHARE: 71000, HIGHLY: nan, INNER: 25205}, nan_ok=True
    )
    assert found["level"].to_dict() == {
        SKILLED: 25000,
        SHARE: 25205,  # 35.5 % of 71,000
        HIGHLY: 8750,
        INNER: 8822,  # 35 % of 25,205 is 8,821.75
    }
    assert found["more"].to_dict() == {SKILLED: 2000, SHARE: 2205, HIGHLY: 1750, INNER: 1822}
    assert found["target"].to_dict() == {SKILLED: 25000, SHARE: 35.5, HIGHLY: 8750, INNER: 35}


def test_employment_grows_for_a_year_and_a_half_from_the_second_quarter() -> None:
    rules = Skills(falling=-0.19, rising=0.21)  # 0.9 and 1.1 squared
    found = asked(rules)
    assert found.loc[("rising", SHARE), "base"] == pytest.approx(71000 * 1.1**3)
    assert found.loc[("rising", SHARE), "level"] == 33548  # 35.5 % of 94,501 is 33,547.855
    assert found.loc[("falling", SHARE), "base"] == pytest.approx(71000 * 0.9**3)
    assert found.loc[("falling", SHARE), "level"] == 18375  # 35.5 % of 51,759 is 18,374.445


def test_as_employment_falls_the_number_binds_and_as_it_rises_the_share() -> None:
    found = asked()["level"].unstack()
    assert found.loc["falling", SHARE] < found.loc["falling", SKILLED]
    assert found.loc["falling", INNER] == 8750  # 35 % of the 25,000 that the other target asks for
    assert found.loc["rising", SHARE] > found.loc["rising", SKILLED]


def test_more_than_asked_for_is_negative_and_still_counts_for_the_inner_share() -> None:
    found = asked(**{SKILLED: 26000, HIGHLY: 9000}).loc["flat"]
    assert found["more"].to_dict() == {SKILLED: -1000, SHARE: -795, HIGHLY: -250, INNER: 100}
    assert found.loc[INNER, "level"] == 9100  # 35 % of 26,000


def test_a_last_quarter_leaves_no_time_to_grow() -> None:
    figures = {SKILLED: 25000, HIGHLY: 8750, EMPLOYED: 70000}
    found = needs(PLAN, chain(), RULES, pd.Period("2027Q4", freq="Q-DEC"), figures)
    assert found["base"].dropna().unique().tolist() == [70000, 25000]
    assert found.loc[found["indicator"] == SHARE, "more"].tolist() == [-150] * 3


def test_what_is_not_known_stays_unknown() -> None:
    found = asked(**{EMPLOYED: nan}).loc["flat"]
    assert found["more"].to_dict() == pytest.approx(
        {SKILLED: 2000, SHARE: nan, HIGHLY: 1750, INNER: nan}, nan_ok=True
    )
    found = asked(**{SKILLED: nan}).loc["flat"]
    assert found["more"].to_dict() == pytest.approx(
        {SKILLED: nan, SHARE: nan, HIGHLY: 1750, INNER: 1822}, nan_ok=True
    )
    empty = needs(PLAN, chain(), RULES, Q2, {})
    assert (len(empty), empty["more"].isna().all()) == (12, True)


# Whether the rows agree


def test_shares_agree_with_the_stocks_they_are_made_of() -> None:
    figures = {SKILLED: 23000, HIGHLY: 7000, EMPLOYED: 70000, SHARE: 32.86, INNER: 30.5}
    found = consistency(PLAN, chain(), Q2, figures, 0.051)
    assert found.loc[SHARE, "computed"] == pytest.approx(2300 / 70)
    assert found.loc[SHARE, "agrees"]
    assert found.loc[INNER, "difference"] == pytest.approx(30.5 - 700 / 23)
    assert not found.loc[INNER, "agrees"]
    assert found["implied"].tolist() == pytest.approx([2300000 / 32.86, 700000 / 30.5])


@pytest.mark.parametrize(("share", "agrees"), [(50.05, True), (50.051, True), (50.052, False), (49.949, True), (49.948, False)])  # fmt: skip
def test_a_share_agrees_within_the_tolerance(share: float, agrees: bool) -> None:
    found = consistency(PLAN, chain(), Q2, {SKILLED: 20000, EMPLOYED: 40000, SHARE: share}, 0.051)
    assert found.loc[SHARE, "agrees"] == agrees


def test_the_plan_stands_beside_the_figures() -> None:
    found = consistency(PLAN, chain(), Q2, {}, 0.051)
    assert found["target"].tolist() == [33.5, 33]
    assert isnan(found.loc[SHARE, "target_computed"])  # the employed are no row of the plan
    assert found.loc[INNER, "target_computed"] == pytest.approx(33)  # 7,854 of 23,800
    assert found["target_implied"].tolist() == pytest.approx([23800 / 0.335, 23800])
    assert found["reported"].isna().all()
    assert found["agrees"].tolist() == [None, None]


# A year before the last


def test_a_nearer_years_targets_are_asked_for_with_less_time_to_grow() -> None:
    rules = Skills(falling=-0.19, rising=0.21)
    figures = {SKILLED: 23000, HIGHLY: 7000, EMPLOYED: 71000}
    found = needs(PLAN, chain(), rules, Q2, figures, 2026).set_index(["scenario", "indicator"])
    assert found.loc[("rising", SHARE), "base"] == pytest.approx(71000 * 1.1)  # half a year at 21 %
    assert found.loc[("flat", SHARE), "level"] == 23785  # 33.5 % of 71,000
    assert found.loc[("flat", SKILLED), "level"] == 23800
    assert found.loc[("flat", INNER), "level"] == 7854  # 33 % of the 23,800 that row 6 asks for

from pathlib import Path

import pytest
import yaml
from workspaces import ROOT, copy_workspace

from laoyou.errors import ParametersError, Problem
from laoyou.rules import CaseRate, Rules, load_rules

SHIPPED = ROOT / "params" / "rules.yml"


def refused(folder: Path, before: str, after: str) -> Problem:
    """Return the one thing wrong with the shipped rules once a piece of them is replaced."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file = folder / "rules.yml"
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ParametersError) as caught:
        load_rules(file)
    assert caught.value.where == file.as_posix()
    [problem] = caught.value.problems
    return problem


def line_of(word: str) -> int:
    """Return the line of the shipped rules that a word stands in."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    [line] = [number for number, text in enumerate(lines, 1) if word in text]
    return line


def test_the_shipped_rules_load_with_what_their_sources_say() -> None:
    rules = load_rules(SHIPPED)
    assert (rules.pace.watch_below, rules.pace.yellow_from, rules.pace.red_below) == (0, -10, -30)
    assert (rules.momentum.window, rules.momentum.at_least) == (6, 4)
    assert (rules.plausibility.at_least, rules.plausibility.jump) == (4, 1.0)
    assert rules.expected_shares == [0.25, 0.5, 0.75, 1.0]


def test_the_rules_are_those_of_the_workspace_when_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = copy_workspace(tmp_path)
    text = workspace.rules_file.read_text(encoding="utf-8")
    workspace.rules_file.write_text(text.replace("small_below: 100", "small_below: 60"), encoding="utf-8")
    monkeypatch.chdir(workspace.notebooks)
    assert load_rules().counts.small_below == 60


@pytest.mark.parametrize(
    ("before", "after", "path", "found"),
    [
        (
            "about_tolerance:",
            "about_tolerence:",
            "attainment › about_tolerence",
            "不认识的键「about_tolerence」",
        ),
        ("expected_shares:", "expected_share:", "expected_share", "不认识的键「expected_share」"),
        ("  window: 6", "  window: 6\n  horizon: 3", "momentum › horizon", "不认识的键「horizon」"),
    ],
)
def test_an_unknown_key_is_refused_where_it_stands(
    tmp_path: Path, before: str, after: str, path: str, found: str
) -> None:
    problem = refused(tmp_path, before, after)
    assert problem.place.endswith(f" 行 {path}")
    assert problem.found == found


def test_a_misspelled_key_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    problem = refused(tmp_path, "about_tolerance:", "about_tolerence:")
    assert problem.place.startswith(f"第 {line_of('about_tolerance:')} 行")
    assert problem.remedy == "是不是「about_tolerance」？"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("watch_below: 0 ", "watch_below: -20 "),
        ("yellow_from: -10 ", "yellow_from: -40 "),
        ("red_below: -30 ", "red_below: -5 "),
        ("red_below: -30 ", "red_below: -10 "),
        ("yellow_from: -10 ", "yellow_from: 0 "),
    ],
)
def test_bands_in_the_wrong_order_are_refused(tmp_path: Path, before: str, after: str) -> None:
    problem = refused(tmp_path, before, after)
    assert problem.place == f"第 {line_of('pace:')} 行 pace"
    assert "次序不对" in problem.found
    assert problem.allowed == "由大到小的三条界线"


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf"])
def test_a_band_that_is_no_finite_number_is_refused(tmp_path: Path, number: str) -> None:
    problem = refused(tmp_path, "red_below: -30 ", f"red_below: {number} ")
    assert problem.place == f"第 {line_of('red_below:')} 行 pace › red_below"
    assert problem.allowed == "有限的数"


@pytest.mark.parametrize(
    "shares", ["[0.25, 0.5, 0.75, 0.99]", "[0.5, 0.25, 0.75, 1.0]", "[0.25, 0.5, 1.0, 0.75]", "[0, 0, 0, 0]"]
)
def test_shares_that_do_not_rise_to_one_are_refused(tmp_path: Path, shares: str) -> None:
    problem = refused(tmp_path, "[0.25, 0.5, 0.75, 1.0]", shares)
    assert "不是进度" in problem.found
    assert problem.allowed == "四个由小到大、以 1 结尾的份额"


@pytest.mark.parametrize(
    ("shares", "allowed"),
    [
        ("[-0.25, 0.5, 0.75, 1.0]", "不小于 0"),
        ("[.nan, 0.5, 0.75, 1.0]", "数"),
        ("[0.2, 0.5, 0.75, 1.1]", "不大于 1"),
    ],
)
def test_a_share_outside_nought_to_one_is_refused(tmp_path: Path, shares: str, allowed: str) -> None:
    problem = refused(tmp_path, "[0.25, 0.5, 0.75, 1.0]", shares)
    assert problem.place.startswith(f"第 {line_of('expected_shares:')} 行 expected_shares")
    assert allowed in problem.allowed


@pytest.mark.parametrize("shares", ["[0.5, 0.75, 1.0]", "[0.2, 0.4, 0.6, 0.8, 1.0]"])
def test_shares_that_are_not_four_are_refused(tmp_path: Path, shares: str) -> None:
    problem = refused(tmp_path, "[0.25, 0.5, 0.75, 1.0]", shares)
    assert problem.place == f"第 {line_of('expected_shares:')} 行 expected_shares"


@pytest.mark.parametrize("shares", ["[0.28, 0.59, 0.83, 1]", "[0, 0, 0.5, 1.0]"])
def test_shares_may_be_uneven_and_stand_still(tmp_path: Path, shares: str) -> None:
    file = tmp_path / "rules.yml"
    text = SHIPPED.read_text(encoding="utf-8").replace("[0.25, 0.5, 0.75, 1.0]", shares)
    file.write_text(text, encoding="utf-8")
    assert load_rules(file).expected_shares[-1] == 1


def leaves(node: yaml.Node, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], int]]:
    """Return the path of every entry that holds no further entries, with its line counted from nought."""
    found = []
    assert isinstance(node, yaml.MappingNode)
    for key, value in node.value:
        here = (*path, key.value)
        inner = isinstance(value, yaml.MappingNode)
        found += leaves(value, here) if inner else [(here, key.start_mark.line)]
    return found


LEAVES = leaves(yaml.compose(SHIPPED.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("path", "line"), LEAVES, ids=[".".join(path) for path, _ in LEAVES])
def test_a_missing_entry_is_refused_by_its_name(tmp_path: Path, path: tuple[str, ...], line: int) -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    only = sum(other[:-1] == path[:-1] for other, _ in LEAVES) == 1 and len(path) > 1
    lines[line] = "  {}" if only else ""
    file = tmp_path / "rules.yml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ParametersError) as caught:
        load_rules(file)
    [problem] = caught.value.problems
    assert problem.place.endswith(" › ".join(path))
    assert problem.found == "缺少这一项"


@pytest.mark.parametrize("section", [name for name in Rules.model_fields if name != "expected_shares"])
def test_a_missing_section_is_refused_by_its_name(tmp_path: Path, section: str) -> None:
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    del content[section]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ParametersError) as caught:
        load_rules(file)
    assert [p.place for p in caught.value.problems] == [section]


@pytest.mark.parametrize(
    ("before", "after", "path", "allowed"),
    [
        ("about_tolerance: 0.05", 'about_tolerance: "0.05"', "attainment › about_tolerance", "数字"),
        ("about_tolerance: 0.05", "about_tolerance: ±5 %", "attainment › about_tolerance", "数字"),
        ("yellow_within: 1.0", "yellow_within: true", "rate › yellow_within", "数字"),
        ("yellow_within: 1.0", "yellow_within:", "rate › yellow_within", "数字"),
        ("window: 6", "window: 6.5", "momentum › window", "整数"),
        ("cell_seconds: 120", "cell_seconds: 120s", "run › cell_seconds", "整数"),
        ("expected_shares: [0.25, 0.5, 0.75, 1.0]", "expected_shares: 0.25", "expected_shares", "列表"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_where_it_stands(
    tmp_path: Path, before: str, after: str, path: str, allowed: str
) -> None:
    problem = refused(tmp_path, before, after)
    assert problem.place == f"第 {line_of(before)} 行 {path}"
    assert "类型不对" in problem.found
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("about_tolerance: 0.05", "about_tolerance: -0.01", "不小于 0"),
        ("about_tolerance: 0.05", "about_tolerance: 1.0", "小于 1"),
        ("interval_level: 0.80", "interval_level: 80", "小于 1"),
        ("interval_level: 0.80", "interval_level: 0", "大于 0"),
        ("at_least: 4                 # 至少四个", "at_least: 1 #", "不小于 2"),
        ("at_least: 4                 # 至少有过", "at_least: 0 #", "不小于 1"),
        ("jump: 1.0", "jump: 0", "大于 0"),
        ("rate_rounding: 0.051", "rate_rounding: -0.1", "不小于 0"),
        ("start_seconds: 60", "start_seconds: 0", "大于 0"),
    ],
)
def test_a_value_out_of_its_range_is_refused(tmp_path: Path, before: str, after: str, allowed: str) -> None:
    problem = refused(tmp_path, before, after)
    assert after.split()[1] in problem.found
    assert allowed in problem.allowed


def test_every_problem_of_the_rules_is_listed_at_once(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace("about_tolerance: 0.05", "about_tolerance: 5 %").replace("window: 6", "window: 1")
    file = tmp_path / "rules.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParametersError) as caught:
        load_rules(file)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("before", "after", "section", "allowed"),
    [
        ("[30, 60, 90, 180]", "[30, 90, 60, 180]", "arrears", "由小到大的天数"),
        ("[30, 60, 90, 180]", "[30, 30, 90, 180]", "arrears", "由小到大的天数"),
        ("[0.95, 0.998]", "[0.998, 0.95]", "funnel", "内界在前"),
        ("[0.95, 0.998]", "[0.95, 0.95]", "funnel", "内界在前"),
    ],
)
def test_bounds_that_do_not_ascend_are_refused(
    tmp_path: Path, before: str, after: str, section: str, allowed: str
) -> None:
    problem = refused(tmp_path, before, after)
    assert problem.place == f"第 {line_of(section + ':')} 行 {section}"
    assert "次序不对" in problem.found
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("falling: plan", "falling: 0"),
        ("falling: plan", "falling: 0.01"),
        ("falling: plan", "falling: plans"),
        ("rising: 0.01", "rising: 0"),
        ("cohort_years: 2", "cohort_years: 0"),
        ("[0.95, 0.998]", "[0.95]"),
        ("[0.95, 0.998]", "[0.95, 1.0]"),
        ("[30, 60, 90, 180]", "[]"),
    ],
)
def test_a_rule_of_the_analyses_out_of_its_range_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file = tmp_path / "rules.yml"
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ParametersError):
        load_rules(file)


@pytest.mark.parametrize("content", ["", "# 只有注释\n", "- 0.05\n", "about"])
def test_a_file_that_holds_no_rules_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ParametersError, match="是空的或不是"):
        load_rules(file)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParametersError, match="不存在"):
        load_rules(tmp_path / "rules.yml")


@pytest.mark.parametrize(("path", "line"), LEAVES, ids=[".".join(path) for path, _ in LEAVES])
def test_every_rule_gives_the_reason_for_its_value(path: tuple[str, ...], line: int) -> None:
    """Say it behind the value or above it; of a rate's cases, behind its base."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    line -= path[-1] == "leave_out"
    behind = lines[line].partition(" #")[2].strip()
    above = lines[line - 1].strip() if line and lines[line - 1].lstrip().startswith("#") else ""
    assert len(behind or above.lstrip("# ")) >= 8, path


def test_every_rule_of_the_file_is_one_that_the_program_knows() -> None:
    known = {
        (section, entry)
        for section, field in Rules.model_fields.items()
        for entry in getattr(field.annotation, "model_fields", ())
    } | {("expected_shares",)}
    assert {path for path, _ in LEAVES if path[0] != "cases"} == known
    assert {path[2] for path, _ in LEAVES if path[0] == "cases"} == set(CaseRate.model_fields)


# How cases are counted

RATES = [
    "key_group_assistance_rate",
    "arrears_resolution_rate",
    "mediation_success_rate",
    "arbitration_closure_rate",
]


def test_there_is_a_definition_for_each_rate_that_is_counted_from_cases() -> None:
    cases = load_rules(SHIPPED).cases
    assert list(cases) == RATES
    assert {id: rule.base for id, rule in cases.items()} == {
        **dict.fromkeys(RATES, "carried_over_and_new"),
        "mediation_success_rate": "ended",
    }
    assert all("duplicate" in rule.leave_out for rule in cases.values())


@pytest.mark.parametrize(
    ("before", "after", "path", "found"),
    [
        ("    base: ended ", "    base: over ", "cases › mediation_success_rate › base", "over"),
        (
            "leave_out: [duplicate, unfounded, transferred]",
            "leave_out: [duplicate, done]",
            "cases › arrears_resolution_rate › leave_out",
            "done",
        ),
        (
            "leave_out: [duplicate, unfounded, transferred]",
            "leave: [duplicate]\n    leave_out: []",
            "cases › arrears_resolution_rate › leave",
            "不认识的键「leave」",
        ),
    ],
)
def test_a_definition_that_is_none_is_refused_where_it_stands(
    tmp_path: Path, before: str, after: str, path: str, found: str
) -> None:
    problem = refused(tmp_path, before, after)
    assert path in problem.place
    assert found in problem.found


@pytest.mark.parametrize("base", ["carried_over_and_new", "new", "ended"])
def test_every_base_may_be_chosen(tmp_path: Path, base: str) -> None:
    file = tmp_path / "rules.yml"
    text = SHIPPED.read_text(encoding="utf-8").replace("    base: ended ", f"    base: {base} ")
    text = text.replace("[duplicate, unfounded, transferred]", "[]")
    file.write_text(text, encoding="utf-8")
    rules = load_rules(file)
    assert rules.cases["mediation_success_rate"].base == base
    assert rules.cases["arrears_resolution_rate"].leave_out == []


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("  below: 5 ", "  below: -1 ", "不小于 0"),
        ("max_megabytes: 100 ", "max_megabytes: 0 ", "大于 0"),
        ("max_unpacked_megabytes: 200 ", "max_unpacked_megabytes: 0 ", "大于 0"),
        ("max_rows: 200000 ", "max_rows: 0 ", "大于 0"),
    ],
)
def test_a_limit_out_of_its_range_is_refused(tmp_path: Path, before: str, after: str, allowed: str) -> None:
    assert allowed in refused(tmp_path, before, after).allowed

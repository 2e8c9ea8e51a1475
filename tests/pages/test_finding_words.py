"""Sentences on the plan document, in full; every figure is a printed cell or worked out from printed cells beside it."""

import pytest

from laoyou import findings
from laoyou.findings import Finding
from laoyou.language import speaking
from laoyou.pages import finding_words
from laoyou.pages.finding_words import VERDICTS, finding_sentence, finding_verdict
from laoyou.view import View, open_view


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def said(view: View, code: str, about: str = "") -> list[str]:
    """Return the sentences on a code, about one indicator if it is given."""
    found = [f for f in view.plan.findings() if f.code == code and (not about or about in f.indicators)]
    return [finding_sentence(view, f) for f in found]


def test_every_code_has_a_sentence_and_no_sentence_is_left_over():
    codes = {
        line.split()[0]
        for line in (findings.__doc__ or "").splitlines()
        if line[:1].isalpha() and "_" in line
    }
    assert set(finding_words._SENTENCES) == {code for code in codes if code.islower()}


def test_every_finding_of_the_plan_is_a_sentence_without_a_gap(view):
    for found in view.plan.findings():
        sentence = finding_sentence(view, found)
        assert sentence.endswith("。")
        assert all(word not in sentence for word in ("nan", "None", "—", "  ", "{"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "baseline_magnitude",
            # 1900 / 26.44 % = 7186.08; 19000 / 26.44 % = 71860.8; 20200 / 27.5 % = 73454.5
            "技能人才总量 2022 年印作 1900，按它推出的从业人员只有 7,186 人，而按 2023 年的目标是 73,455 人；"
            "若作 19,000，则为 71,861 人，前后相接。疑少印一位；原文照录，主管单位确认之前不据以计算。",
        ),
        (
            "implied_denominator",
            # 21400 / 29.5 % = 72542.4; 22600 / 31.5 % = 71746.0; 23800 / 33.5 % = 71044.8; 25000 / 35.5 % = 70422.5
            "技能人才总量与技能人才占从业人员比例的目标隐含的从业人员逐年减少"
            "（2023 年 73,455、2024 年 72,542、2025 年 71,746、2026 年 71,045、2027 年 70,423），总量达标并不保证比例达标。",
        ),
        (
            "ratio_of_rows",
            # 6060 / 20200, 6634 / 21400, 7232 / 22600, 7854 / 23800, 8750 / 25000
            "高技能人才占技能人才比例等于高技能人才总量除以技能人才总量：2023 年 30.00、2024 年 31.00、2025 年 32.00、"
            "2026 年 33.00、2027 年 35.00，与所印目标相符（最大相差 0.0000）。",
        ),
        (
            "cumulative_before_plan",
            # 10800 - 1800 = 9000
            "开展职业技能培训累计数从 2022 年起累计，2027 年的 10,800 里有 1,800 是规划期之前的，规划期内只要 9,000。",
        ),
        (
            "baseline_meets_target",
            # 5 - 4.7, 1300 - 1932, 100 - 100, 75 - 116, 29 - 80, 65 - 82.2, 92 - 95.1
            "17 项指标中有 7 项在 2022 年就已达到 2027 年的目标（括号内为目标减当年实际）：城镇调查失业率（+0.3 个百分点）、"
            "城镇新增就业人数（−632 人）、重点群体帮扶率（持平）、就业困难人员实现就业数（−41 人）、"
            "为企业提供劳动用工体检家次数（−51 家次）、劳动人事争议调解成功率（−17.2 个百分点）、"
            "劳动人事争议仲裁结案率（−3.1 个百分点）。这些指标“达标”不等于“改善”。",
        ),
        (
            "targets_below_baseline",
            # 106 - 500 besides the above
            "6 项的目标定得比 2022 年的实际还宽（括号内为目标减实际）：城镇新增就业人数（−632 人）、就业困难人员实现就业数（−41 人）、"
            "培训劳动关系协调员人次数（−394 人次）、为企业提供劳动用工体检家次数（−51 家次）、"
            "劳动人事争议调解成功率（−17.2 个百分点）、劳动人事争议仲裁结案率（−3.1 个百分点）。",
        ),
        (
            "targets_above_baseline",
            "1 项的目标定得比 2022 年的实际还宽（括号内为目标减实际）：城镇调查失业率（+0.3 个百分点）。",
        ),
        (
            "unit_change",
            "培训劳动关系协调员人次数的单位是人次，2027 年却写“规上企业全覆盖”（此前为 106），"
            "两者不是同一个量，需要另报覆盖率。",
        ),
        (
            "covers_differ",
            "重点群体帮扶率：目标表涵盖 5 类人（登记失业人员、离校未就业高校毕业生、低保、低边、就业困难人员），"
            "正文只提 1 类（有意愿且有能力就业的就业困难人员）。",
        ),
        ("wording_differs", "欠薪线索动态化解率：目标表写“欠薪线索”，正文写“涉薪线索”。"),
        ("set_by_other_level", "最低工资标准最高档由浙江省制定，不是本级能够完成的任务。"),
        (
            "no_official_tolerance",
            "最低工资标准最高档有 5 格写“左右”，没有官方容差；本报告按 ±5% 判定，规则可改。",
        ),
    ],
)
def test_a_finding_is_told_with_its_own_figures(view, code, sentence):
    assert said(view, code) == [sentence]


def test_sums_of_years_are_told_with_and_without_the_baseline(view):
    # 5 x 1300 = 6500, + 1932; 84 + 4 x 29 = 200, + 80
    assert said(view, "commitment_sum") == [
        "第三部分（一）的“五年累计城镇新增就业” 6,500，5 年目标之和 6,500，相符；若连基期 1,932 也算则是 8,432。",
        "第三部分（九）的“五年累计劳动用工体检” 200，5 年目标之和 200，相符；若连基期 80 也算则是 280。",
    ]


def test_a_commitment_at_the_level_of_the_table_is_told_once_for_number_and_once_for_wording(view):
    assert said(view, "commitment_level", "skilled_workers") == [
        "第三部分（六）的“技能人才总量下限”写“25000以上”，目标表 2027 年写“25000”，数值相符。"
    ]
    assert said(view, "commitment_bound", "skilled_workers") == [
        "第三部分（六）的“技能人才总量下限”写“25000以上”，目标表写“25000”，数值相同，字面更严；判定一律按“不低于”。"
    ]


# --- What this plan happens not to have -------------------------------------------------------------------------


def made(code: str, *ids: str, holds: bool = False, **figures: float | str) -> Finding:
    return Finding(code, ids, tuple("1" for _ in ids), holds, figures)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            made("baseline_suspect", "skilled_workers", year=2022, text="1900"),
            "技能人才总量 2022 年印作“1900”，存疑；确认之前不据以计算。",
        ),
        (
            made(
                "commitment_sum",
                "new_urban_jobs",
                commitment="new_urban_jobs_total",
                year=2027,
                stated=7000.0,
                computed=6500.0,
                years=5,
            ),
            "第三部分（一）的“五年累计城镇新增就业” 7,000，5 年目标之和 6,500，不符。",
        ),
        (
            made(
                "commitment_level",
                "arrears_resolution_rate",
                commitment="arrears_resolution_2027",
                year=2027,
                text="97",
                table="96",
            ),
            "第三部分（十）的“涉薪线索动态化解率”写“97”，目标表 2027 年写“96”，数值不符。",
        ),
        (
            made(
                "commitment_bound",
                "skilled_workers",
                commitment="skilled_workers_floor",
                text="25000左右",
                table="25000",
                comparison="looser",
            ),
            "第三部分（六）的“技能人才总量下限”写“25000左右”，目标表写“25000”，数值相同，字面更宽；判定一律按“不低于”。",
        ),
        (
            made(
                "implied_denominator",
                "skilled_workers",
                "skilled_share_of_employed",
                holds=True,
                denominator="employed_persons",
                falls=1,
                steps=2,
                **{"2023": 70000.0, "2024": 69000.0, "2025": 71000.0},
            ),
            "技能人才总量与技能人才占从业人员比例的目标隐含的从业人员有增有减"
            "（2023 年 70,000、2024 年 69,000、2025 年 71,000），总量达标并不保证比例达标。",
        ),
    ],
)  # fmt: skip
def test_the_other_side_of_a_finding_has_its_words_too(view, found, sentence):
    assert finding_sentence(view, found) == sentence


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("baseline_magnitude", "不相符"),
        ("ratio_of_rows", "不相符"),
        ("unit_change", "不相符"),
        ("covers_differ", "不相符"),
        ("wording_differs", "不相符"),
        ("commitment_sum", "不相符"),
        ("commitment_level", "不相符"),
        ("commitment_bound", "须留意"),
        ("baseline_suspect", "须留意"),
        ("implied_denominator", "须留意"),
        ("cumulative_before_plan", "须留意"),
        ("baseline_meets_target", "须留意"),
        ("targets_below_baseline", "须留意"),
        ("targets_above_baseline", "须留意"),
        ("set_by_other_level", "须留意"),
        ("no_official_tolerance", "须留意"),
    ],
)
def test_only_what_contradicts_itself_is_called_a_contradiction(code, verdict):
    assert VERDICTS[finding_verdict(made(code))] == verdict
    assert VERDICTS[finding_verdict(made(code, holds=True))] == "相符"


# --- In English -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "targets_above_baseline",
            "1 target asks for less than the actual figure of 2022 (in brackets: target less actual): "
            "Surveyed urban unemployment rate (+0.3 percentage points).",
        ),
        (
            "cumulative_before_plan",
            "Cumulative training enrolments: counted from 2022 on; of the 10,800 for 2027, 1,800 are from before the plan "
            "period, so the plan period itself needs only 9,000.",
        ),
        (
            "unit_change",
            "Labour-relations coordinators trained: counted in participations, but the 2027 cell reads “规上企业全覆盖” "
            "(before: 106); that is another quantity, and coverage has to be reported separately.",
        ),
        (
            "set_by_other_level",
            "Top-tier minimum wage: set by Zhejiang Province, so no task that this level can accomplish.",
        ),
    ],
)
def test_a_finding_is_told_in_english(view, code, sentence):
    with speaking("en"):
        assert said(view, code) == [sentence]


def test_several_targets_are_more_than_one_in_english(view):
    with speaking("en"):
        [told] = said(view, "targets_below_baseline")
    assert told.startswith(
        "6 targets ask for less than the actual figures of 2022 (in brackets: target less actual): "
    )
    assert "New urban jobs (−632 people), Hard-to-employ people placed (−41 people)" in told


def test_a_sum_says_what_it_would_be_with_the_baseline_in_english(view):
    with speaking("en"):
        told = said(view, "commitment_sum")[0]
    assert told == (
        "“New urban jobs over the plan” (第三部分（一）) says 6,500; the targets of its 5 years add up to 6,500, which agrees; "
        "with the 1,932 of the baseline it would be 8,432."
    )

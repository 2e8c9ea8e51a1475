"""The rules in force: every band, tolerance and threshold, read from params/rules.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from laoyou.errors import NotAllowedError, ParametersError
from laoyou.workspace import find_workspace
from laoyou.yamlfile import Strict, load_model

Share = Annotated[float, Field(gt=0, lt=1)]


class Attainment(Strict):
    """``about_tolerance``: how far from its number an 左右 target counts as met [share of the number]."""

    about_tolerance: Annotated[float, Field(ge=0, lt=1)]


class Pace(Strict):
    """Bands of the distance from schedule [percentage points of the year's task], and of a level [share]."""

    watch_below: float
    yellow_from: float
    red_below: float
    level_yellow: Annotated[float, Field(ge=0, lt=1)]

    @model_validator(mode="after")
    def _descend(self) -> Pace:
        if not self.watch_below > self.yellow_from > self.red_below:
            raise NotAllowedError(
                f"「{self.watch_below}、{self.yellow_from}、{self.red_below}」次序不对", "由大到小的三条界线"
            )
        return self


class Rate(Strict):
    """``interval_level`` [1] of the Wilson interval; ``yellow_within`` [percentage points] of the target."""

    interval_level: Share
    yellow_within: Annotated[float, Field(ge=0)]


class Counts(Strict):
    """``small_below`` [count a year]: below it the Poisson band of ``band_level`` [1] is shown."""

    small_below: Annotated[float, Field(ge=0)]
    band_level: Share


class Momentum(Strict):
    """Window [comparable points], least number of points, and the change that is none [share of the target]."""

    window: Annotated[int, Field(ge=2)]
    at_least: Annotated[int, Field(ge=2)]
    steady_share: Annotated[float, Field(ge=0, lt=1)]


class Outlook(Strict):
    """How the chance of reaching a target is computed.

    ``seasonal_years`` : complete years from which a count has a profile of its own [years]
    ``at_least``, ``drift_from`` : points for a forecast at all, and for one with drift [count]
    ``window`` : the last changes used [count]
    ``most_freedom``, ``freedom_per_year`` : degrees of freedom of a t at most, and those that a year of quarters is worth
    ``usual_change`` : logarithmic change of a year's total that is assumed with the weight of one change [1]
    ``coverage`` : nominal coverage of the interval [1]
    """

    seasonal_years: Annotated[int, Field(ge=2)]
    at_least: Annotated[int, Field(ge=4)]
    drift_from: Annotated[int, Field(ge=4)]
    window: Annotated[int, Field(ge=3)]
    most_freedom: Annotated[int, Field(ge=2)]
    freedom_per_year: Annotated[int, Field(ge=1, le=3)]
    usual_change: Annotated[float, Field(gt=0)]
    coverage: Share

    @model_validator(mode="after")
    def _ascend(self) -> Outlook:
        if self.drift_from < self.at_least or self.window < self.at_least - 1:
            raise NotAllowedError(
                f"「at_least {self.at_least}、drift_from {self.drift_from}、window {self.window}」不相容",
                "drift_from 不小于 at_least、window 不小于 at_least 减 1",
            )
        return self


class Ledger(Strict):
    """``rate_rounding``: how far a rate may stand from its own fraction [percentage points]."""

    rate_rounding: Annotated[float, Field(ge=0)]


class Plausibility(Strict):
    """How far beyond the series' largest change [times] a new one is doubted, and from how many changes on [count].

    ``scale`` : how many times the year's target, or what part of it, a count or level is doubted from
    ``gone`` : what share of the known cases an export may lack without being doubted [1]
    ``renumbered``, ``renumbered_from`` : what share of them [1], and how many [case], may be back under other ids
    ``years_apart`` : how long before all others a case may have been opened [year]
    """

    scale: Annotated[float, Field(gt=1)]
    at_least: Annotated[int, Field(ge=1)]
    jump: Annotated[float, Field(gt=0)]
    gone: Annotated[float, Field(ge=0, lt=1)]
    renumbered: Share
    renumbered_from: Annotated[int, Field(ge=1)]
    years_apart: Annotated[float, Field(gt=0)]


class Intake(Strict):
    """The largest file [MB], unpacked size [MB] and sheet [rows] that is read."""

    max_megabytes: Annotated[int, Field(gt=0)]
    max_unpacked_megabytes: Annotated[int, Field(gt=0)]
    max_rows: Annotated[int, Field(gt=0)]


class CaseRate(Strict):
    """How the cases of a rate are counted.

    ``base`` : which are due: carried over from last year and new, new ones alone, or those that ended
    ``leave_out`` : the outcomes that count nowhere
    """

    base: Literal["carried_over_and_new", "new", "ended"]
    leave_out: list[Literal["duplicate", "unfounded", "transferred", "withdrawn", "failed"]]


class Suppression(Strict):
    """``below``: a township's count smaller than this is not kept [count]."""

    below: Annotated[int, Field(ge=0)]


class Arrears(Strict):
    """How the handling of wage-arrears leads is looked at.

    ``cohort_years`` : leads opened in the last so many calendar years, this one among them [year]
    ``interval_level`` : of the bands of survival, its median and means, and of a change; a test judges by 1 less it [1]
    ``rough_below`` : expected resolved leads of a group below which a test's p is rough [count]
    ``horizon_days`` : up to where the restricted mean runs [day]
    ``age_bands`` : the greatest age of each band of open leads but the last, which has none [day]
    """

    cohort_years: Annotated[int, Field(ge=1)]
    interval_level: Share
    rough_below: Annotated[float, Field(ge=0)]
    horizon_days: Annotated[int, Field(gt=0)]
    age_bands: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascend(self) -> Arrears:
        if self.age_bands != sorted(set(self.age_bands)):
            raise NotAllowedError(f"「{self.age_bands}」次序不对", "由小到大的天数")
        return self


class Funnel(Strict):
    """``levels``: coverage of the inner and of the outer limits [1]."""

    levels: Annotated[list[Share], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _ascend(self) -> Funnel:
        if self.levels[0] >= self.levels[1]:
            raise NotAllowedError(f"「{self.levels}」次序不对", "内界在前、外界在后，如 [0.95, 0.998]")
        return self


class Skills(Strict):
    """How the employed grow in the scenarios of falling and rising employment [1 per year].

    ``falling`` may be ``plan``: as the plan's own rows imply. In the third scenario employment is flat.
    """

    falling: Annotated[float, Field(gt=-1, lt=0)] | Literal["plan"]
    rising: Annotated[float, Field(gt=0)]


class Supervision(Strict):
    """When something is put on the quarter's problem list, and when it goes to the task force.

    ``opens`` : the lights that open a problem
    ``opens_commitments`` : how a commitment stands, once its year is over, that opens one
    ``set_above`` : whether that holds for indicators that another level sets, too
    ``days_to_mend`` : from the assignment to the day it is to be mended by [day]
    ``escalate_after`` : a problem still open after so many quarterly lists is proposed for the task force [count]
    """

    opens: Annotated[list[Literal["red", "yellow", "watch"]], Field(min_length=1)]
    opens_commitments: list[Literal["missed", "unknown"]]
    set_above: bool
    days_to_mend: Annotated[int, Field(gt=0)]
    escalate_after: Annotated[int, Field(ge=1)]


class ControlChart(Strict):
    """``at_least``: figures from which a control chart has limits [count]."""

    at_least: Annotated[int, Field(ge=2)]


class Run(Strict):
    """Time limits [s] of a cell and of a kernel's start; memory that a kernel may have [MB], 0 for no limit."""

    cell_seconds: Annotated[int, Field(gt=0)]
    start_seconds: Annotated[int, Field(gt=0)]
    kernel_megabytes: Annotated[int, Field(ge=0)]


class Rules(Strict):
    """Everything in params/rules.yml. ``expected_shares``: share of the year due by each quarter's end [1]."""

    attainment: Attainment
    expected_shares: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=4, max_length=4)]
    pace: Pace
    rate: Rate
    counts: Counts
    momentum: Momentum
    outlook: Outlook
    ledger: Ledger
    plausibility: Plausibility
    intake: Intake
    suppression: Suppression
    cases: dict[str, CaseRate]
    arrears: Arrears
    funnel: Funnel
    skills: Skills
    supervision: Supervision
    control_chart: ControlChart
    run: Run

    @model_validator(mode="after")
    def _shares_rise_to_one(self) -> Rules:
        if sorted(self.expected_shares) != self.expected_shares or self.expected_shares[-1] != 1:
            raise NotAllowedError(f"「{self.expected_shares}」不是进度", "四个由小到大、以 1 结尾的份额")
        return self


def load_rules(path: str | Path | None = None) -> Rules:
    """Load and check the rules.

    Parameters
    ----------
    path : the file; the workspace's params/rules.yml if not given

    Raises
    ------
    ParametersError
        With every problem found.
    """
    file = Path(path) if path is not None else find_workspace().rules_file
    shown = Path(path).as_posix() if path is not None else "params/rules.yml"
    return load_model(file, shown, Rules, ParametersError)[0]

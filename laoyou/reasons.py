"""Why each answer of an assessment is what it is, as codes."""

from __future__ import annotations

import numpy as np

from laoyou.attainment import Flags, Floats, Words, first_case
from laoyou.goals import Goals
from laoyou.panel import Figures


def reason_codes(
    answers: dict[str, Floats | Words], goals: Goals, figures: Figures, met: Flags, cut: Flags
) -> dict[str, Words]:
    """Return the reason code of each answer; ``narrative`` turns them into sentences.

    Parameters
    ----------
    answers : the answers by name (region × indicator)
    goals, figures : targets and figures
    met : whether the figure meets the year's target
    cut : whether a series break left too few comparable points
    """
    shape = met.shape
    unknown = np.isnan(figures.judged)
    no_number = np.broadcast_to(~goals.numeric, shape)
    differs = np.broadcast_to(goals.unit_differs, shape)
    unusable = [
        (differs, "unit_differs"),
        (np.broadcast_to(goals.operator == "milestone", shape), "milestone"),
        (no_number, "no_numeric_target"),
        (figures.incomplete, "incomplete_year"),
        (unknown, "no_figure"),
    ]
    compliance, light = answers["compliance"], answers["light"]
    pending = [(compliance == "pending", "year_not_over")]
    verdict = [(met & (not goals.closed), "passed_early"), (met, "meets_target")]
    lower = np.broadcast_to(goals.direction < 0, shape)
    target_is_zero = np.broadcast_to(goals.target == 0, shape)
    baseline = [
        (np.broadcast_to(goals.baseline_suspect, shape), "baseline_suspect"),
        (np.broadcast_to(np.isnan(goals.baseline), shape), "baseline_missing"),
        (np.broadcast_to((goals.kind == "annual_count") & (not goals.closed), shape), "year_not_over"),
        (np.isnan(np.broadcast_to(answers["progress"], shape).astype(float)), "target_not_better"),
    ]
    interval = np.broadcast_to(~np.isnan(answers["interval_low"].astype(float)), shape)
    rule = np.broadcast_to(goals.rule, shape)
    lights = [
        (light == "annual_only", "annual_only"),
        *unusable,
        ((rule == "path_unknown") & met, "meets_target_already"),
        (rule == "path_unknown", "previous_target_unknown"),
        (light == "no_data", "target_zero"),
        *[((rule == r), f"{r}_") for r in ("schedule", "path", "level")],
        (interval, "rate_with_interval_"),
    ]
    code = first_case(lights, "rate_")
    code = np.where(
        [str(c).endswith("_") for c in code.ravel()], code.ravel() + light.ravel(), code.ravel()
    ).reshape(shape)
    too_few = np.isnan(answers["change"].astype(float))
    return {
        "compliance_reason": first_case([*unusable[:3], *pending, *unusable[3:], *verdict], "misses_target"),
        "attainment_reason": first_case(
            [*unusable, (lower, "lower_is_better"), (target_is_zero, "target_zero")], "computed"
        ),
        "progress_reason": first_case([*unusable, *baseline], "computed"),
        "light_reason": code,
        "momentum_reason": first_case(
            [
                (too_few & cut, "series_break"),
                (too_few & unknown, "no_figure"),
                (too_few, "too_few_points"),
                (no_number, "no_numeric_target"),
            ],
            "computed",
        ),
    }

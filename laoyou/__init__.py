"""From a published plan and each quarter's figures to an honest attainment report.

The public names are loaded when first used, so that importing the package is quick and does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from laoyou.assessment import assess as assess
    from laoyou.batch.report import run as run
    from laoyou.errors import LaoyouError as LaoyouError
    from laoyou.ledger.observations import load_observations as load_observations
    from laoyou.markup import stacked as stacked
    from laoyou.outlooks.outlook import outlook as outlook
    from laoyou.pages.keypoints import closing as closing
    from laoyou.pages.keypoints import opening as opening
    from laoyou.pages.keypoints import plan_opening as plan_opening
    from laoyou.plan import load_plan as load_plan
    from laoyou.rules import load_rules as load_rules
    from laoyou.supervision.docket import open_docket as open_docket
    from laoyou.supervision.docket import problem_list as problem_list
    from laoyou.view import open_view as open_view

_PUBLIC = {
    "LaoyouError": "laoyou.errors",
    "assess": "laoyou.assessment",
    "closing": "laoyou.pages.keypoints",
    "load_observations": "laoyou.ledger.observations",
    "load_plan": "laoyou.plan",
    "load_rules": "laoyou.rules",
    "open_docket": "laoyou.supervision.docket",
    "open_view": "laoyou.view",
    "opening": "laoyou.pages.keypoints",
    "outlook": "laoyou.outlooks.outlook",
    "plan_opening": "laoyou.pages.keypoints",
    "problem_list": "laoyou.supervision.docket",
    "run": "laoyou.batch.report",
    "stacked": "laoyou.markup",
}
_MODULES = {
    "casework": "laoyou.pages.casework",
    "change_tables": "laoyou.pages.change_tables",
    "charts": "laoyou.pages.charts",
    "method_words": "laoyou.pages.method_words",
    "methods": "laoyou.methods",
    "outlook_tables": "laoyou.pages.outlook_tables",
    "problems": "laoyou.pages.problems",
    "skill_agreement": "laoyou.pages.skill_agreement",
    "skill_needs": "laoyou.pages.skill_needs",
    "skill_words": "laoyou.pages.skill_words",
    "tables": "laoyou.pages.tables",
    "unemployment_words": "laoyou.pages.unemployment_words",
}

__all__ = [
    "LaoyouError",
    "__version__",
    "assess",
    "closing",
    "load_observations",
    "load_plan",
    "load_rules",
    "open_docket",
    "open_view",
    "opening",
    "outlook",
    "plan_opening",
    "problem_list",
    "run",
    "stacked",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'laoyou' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)

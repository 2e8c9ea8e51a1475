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
    from laoyou.outlooks.outlook import outlook as outlook
    from laoyou.pages.keypoints import closing as closing
    from laoyou.pages.keypoints import opening as opening
    from laoyou.pages.keypoints import plan_opening as plan_opening
    from laoyou.plan import load_plan as load_plan
    from laoyou.rules import load_rules as load_rules
    from laoyou.view import open_view as open_view

_PUBLIC = {
    "LaoyouError": "laoyou.errors",
    "assess": "laoyou.assessment",
    "closing": "laoyou.pages.keypoints",
    "load_observations": "laoyou.ledger.observations",
    "load_plan": "laoyou.plan",
    "load_rules": "laoyou.rules",
    "open_view": "laoyou.view",
    "opening": "laoyou.pages.keypoints",
    "outlook": "laoyou.outlooks.outlook",
    "plan_opening": "laoyou.pages.keypoints",
    "run": "laoyou.batch.report",
}
_MODULES = {
    "change_tables": "laoyou.pages.change_tables",
    "charts": "laoyou.pages.charts",
    "methods": "laoyou.methods",
    "outlook_tables": "laoyou.pages.outlook_tables",
    "tables": "laoyou.pages.tables",
}

__all__ = [
    "LaoyouError",
    "__version__",
    "assess",
    "closing",
    "load_observations",
    "load_plan",
    "load_rules",
    "open_view",
    "opening",
    "outlook",
    "plan_opening",
    "run",
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

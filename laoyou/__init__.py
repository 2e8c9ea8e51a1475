"""From a published plan and each quarter's figures to an honest attainment report.

The public names are loaded when first used, so that importing the package is quick and does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from laoyou.assessment import assess as assess
    from laoyou.errors import LaoyouError as LaoyouError
    from laoyou.ledger import load_observations as load_observations
    from laoyou.plan import load_plan as load_plan
    from laoyou.rules import load_rules as load_rules

_PUBLIC = {
    "assess": "laoyou.assessment",
    "LaoyouError": "laoyou.errors",
    "load_observations": "laoyou.ledger",
    "load_plan": "laoyou.plan",
    "load_rules": "laoyou.rules",
}

__all__ = ["LaoyouError", "__version__", "assess", "load_observations", "load_plan", "load_rules"]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'laoyou' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)

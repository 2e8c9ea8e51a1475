"""Where a matter under supervision stands, in words."""

from __future__ import annotations

import datetime as dt

from laoyou.language import mark, tr
from laoyou.supervision.matters import Matter
from laoyou.supervision.states import STATES

_BESIDES = {
    (True, False): mark("{state}（逾期）"),
    (False, True): mark("{state}（已报专班）"),
    (True, True): mark("{state}（逾期，已报专班）"),
}


def state_words(matter: Matter, day: dt.date) -> str:
    """Return where a matter stands on a day: 整改中（逾期，已报专班）."""
    state = tr(STATES[matter.state])
    besides = (matter.overdue(day), matter.open and matter.escalated_on is not None)
    return tr(_BESIDES[besides], state=state) if any(besides) else state

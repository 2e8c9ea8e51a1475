"""Office files with one time in all of their parts: the same content, the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

_FIXED = (2026, 10, 12, 0, 0, 0)
_STAMP = dt.datetime(*_FIXED).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
_TIMES = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+(?:\.\d+)?Z")


def settled(content: bytes) -> bytes:
    """Return an .xlsx or .docx file whose parts, and whose account of itself, all tell the same fixed time.

    Parameters
    ----------
    content : the file
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            entry = zipfile.ZipInfo(part.filename, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = old.read(part.filename)
            if part.filename == "docProps/core.xml":
                data = _TIMES.sub(_STAMP, data)
            new.writestr(entry, data)
    return out.getvalue()

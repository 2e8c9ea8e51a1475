"""The preprocessor that the template's conf.json names, so that nbconvert alone makes a page of ours."""

from __future__ import annotations

from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor

from laoyou.language import speak
from laoyou.pages.page import language_of, parts


class PageParts(Preprocessor):
    """Hands the template what it cannot make itself.

    A page made by a run knows the quarter's other pages besides; one made by ``jupyter nbconvert`` has none.
    """

    def preprocess(
        self, nb: nbformat.NotebookNode, resources: dict[str, Any]
    ) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
        """Add the page's parts to the resources."""
        speak(language_of(nb))
        resources["laoyou"] = parts(nb) | resources.get("laoyou", {})
        return nb, resources

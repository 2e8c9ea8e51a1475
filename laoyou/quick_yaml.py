"""PyYAML's safe loader with libyaml's parser, several times as quick; light to import.

PyYAML's own loader of that kind also builds nodes in C, and a file of ten thousand brackets then ends the process. Here that is a
RecursionError, as it is in Python.
"""

from __future__ import annotations

import yaml

if yaml.__with_libyaml__:
    from yaml._yaml import CParser
    from yaml.composer import Composer
    from yaml.constructor import SafeConstructor
    from yaml.resolver import Resolver

    class QuickLoader(Composer, SafeConstructor, Resolver, CParser):
        """Events of libyaml, nodes and values of Python."""

        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

        def dispose(self) -> None:
            """Have nothing to let go of."""

else:
    QuickLoader = yaml.SafeLoader  # type: ignore[assignment,misc]

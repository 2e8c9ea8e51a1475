"""The quick loader reads what PyYAML's own reads, and ends no process."""

import pytest
import yaml
from workspaces import ROOT

from laoyou.quick_yaml import QuickLoader

FILES = sorted([*(ROOT / "data").rglob("*.yml"), *(ROOT / "params").glob("*.yml")])


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_it_reads_the_same_nodes_at_the_same_places(file):
    def seen(node, loader):
        yield node.tag, node.start_mark.line, node.start_mark.column
        if isinstance(node, yaml.ScalarNode):
            yield node.value
            return
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from seen(part, loader)

    text = file.read_text(encoding="utf-8-sig")
    quick, plain = (list(seen(yaml.compose(text, kind), kind)) for kind in (QuickLoader, yaml.SafeLoader))
    assert quick == plain
    assert yaml.load(text, QuickLoader) == yaml.load(text, yaml.SafeLoader)


@pytest.mark.parametrize("text", ["[" * 20_000, "[" * 20_000 + "]" * 20_000, "- " * 20_000 + "x"])
def test_a_file_that_is_nested_without_end_is_an_error_and_no_end_of_the_process(text):
    with pytest.raises((RecursionError, yaml.YAMLError)):
        yaml.load(text, QuickLoader)

"""YAML files read strictly: what is unknown, absent, doubled or mistyped is named with its line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from laoyou.errors import LaoyouError, NotAllowedError, Problem, did_you_mean, one_of, why
from laoyou.personal import personal_numbers
from laoyou.quick_yaml import QuickLoader


class Strict(BaseModel):
    """Base of every model that a user's YAML file fills: no unknown key, no silent conversion."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, content: Any) -> Any:
        if isinstance(content, dict):
            names = list(cls.model_fields)
            for key in content:
                if key not in names:
                    raise PydanticCustomError(
                        "unknown_key",
                        "{key}",
                        {"key": str(key), "allowed": one_of(names), "hint": did_you_mean(str(key), names)},
                    )
        return content


_MOST_TOLD = 100  # characters of a value that a message repeats
_MOST_BITS = 64  # of an integer: a longer one is no number of anything, and may be too long to print
Model = TypeVar("Model", bound=BaseModel)


class _UniqueKeys(yaml.constructor.SafeConstructor):
    """PyYAML's safe constructor, except that a key written twice is an error instead of the last one winning.

    A value that its own type refuses, such as the date 2023-13-13, is an error with a line.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int) and value.bit_length() > _MOST_BITS:
                raise ValueError
            return value
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as cause:
            problem = f"{told(node.value)}读不成值（{type(cause).__name__}）"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # refused by the loader below
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"键{told(key)}写了两次，只能写一次", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


class _Loader(_UniqueKeys, yaml.SafeLoader):
    """In Python: what it says of a mistake is what users are told."""


class _QuickLoader(_UniqueKeys, QuickLoader):
    """For files without a mistake, which most are."""


def _loaded(text: str, kind: type[Any]) -> tuple[Any, yaml.Node | None]:
    loader = kind(text)
    try:
        node = loader.get_single_node()
        return None if node is None else loader.construct_document(node), node
    finally:
        loader.dispose()


def read_yaml(path: Path, shown: str, error: type[LaoyouError]) -> tuple[Any, yaml.Node | None]:
    """Read a YAML file.

    Parameters
    ----------
    path : the file
    shown : its name in messages
    error : what to raise

    Returns
    -------
    The content, and the tree of nodes that line numbers are taken from.

    Raises
    ------
    LaoyouError
        Of the class ``error``, if the file is absent, not UTF-8, not YAML or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(shown, Problem("文件", "不存在", remedy="检查文件名，或从版本库取回")) from None
    except (OSError, UnicodeDecodeError) as cause:
        problem = Problem(
            "文件", f"读不出来（{why(cause)}）", "UTF-8 编码的 YAML 文本", "用记事本另存为 UTF-8"
        )
        raise error(shown, problem) from None
    try:
        try:
            return _loaded(text, _QuickLoader)
        except (yaml.YAMLError, RecursionError, ValueError, TypeError):
            return _loaded(text, _Loader)
    except yaml.MarkedYAMLError as cause:
        mark = cause.problem_mark
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "文件"
        raise error(
            shown, Problem(place, f"YAML 写法有误：{cause.problem}", remedy="核对缩进、冒号和引号")
        ) from None
    except RecursionError:
        problem = Problem("文件", "YAML 写法有误：层次太深", remedy="核对缩进和括号")
        raise error(shown, problem) from None
    except (yaml.YAMLError, ValueError, TypeError) as cause:
        raise error(shown, Problem("文件", f"YAML 写法有误：{cause}")) from None


def load_model(
    path: Path, shown: str, model: type[Model], error: type[LaoyouError]
) -> tuple[Model, yaml.Node | None]:
    """Read a YAML file into a model, or say everything that is wrong with it.

    Parameters
    ----------
    path, shown, error : as for ``read_yaml``
    model : the pydantic model of the whole file

    Returns
    -------
    The model, and the node tree for later checks that want line numbers.

    Raises
    ------
    LaoyouError
        Of the class ``error``, with one problem for each thing wrong.
    """
    content, node = read_yaml(path, shown, error)
    if not isinstance(content, dict):
        raise error(shown, Problem("文件", "是空的或不是「键：值」的形式", one_of(model.model_fields)))
    try:
        return model.model_validate(content), node
    except ValidationError as cause:
        raise error(shown, [_problem(detail, node) for detail in cause.errors()]) from None


def place_of(location: Sequence[object], node: yaml.Node | None) -> str:
    """Return a location as 「第 12 行 indicators › x › targets › 2024」.

    A name inside a list is looked for among the ``id`` or ``name`` of the list's entries.
    """
    path = " › ".join(str(step) for step in location) or "文件"
    line: int | None = None
    for step in location:
        if node is None:
            break
        line, node = _step(node, step, line)
    return path if line is None else f"第 {line} 行 {path}"


def _step(node: yaml.Node, step: object, line: int | None) -> tuple[int | None, yaml.Node | None]:
    """Go one step down the node tree; keep the last known line where the step is absent."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            if index == step or (isinstance(child, yaml.MappingNode) and _named(child, str(step))):
                return child.start_mark.line + 1, child
    return line, None


def _named(node: yaml.MappingNode, name: str) -> bool:
    return any(k.value in ("id", "name") and getattr(v, "value", None) == name for k, v in node.value)


_EXPECTED = {
    "string_type": "文本（数字也要加引号）",
    "int_type": "整数",
    "float_type": "数字",
    "finite_number": "有限的数",
    "bool_type": "true 或 false",
    "dict_type": "「键：值」的形式",
    "model_type": "「键：值」的形式",
    "list_type": "列表（每项以「- 」开头）",
    "tuple_type": "列表（每项以「- 」开头）",
    "date_type": "日期",
}


def told(value: object) -> str:
    """Return a value as a message repeats it; not where it looks like a person's number."""
    text = str(value)
    short = text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]}……"
    return "（像是证件号或电话，不照录）" if personal_numbers(text) else f"「{short}」"


def _problem(detail: ErrorDetails, node: yaml.Node | None) -> Problem:
    """Turn one of pydantic's findings into a problem in Chinese."""
    kind, context = detail["type"], detail.get("ctx", {})
    location = [step for step in detail["loc"] if step != "[key]"]
    place = place_of(location, node)
    if kind == "unknown_key":
        key = str(context["key"])
        where = place_of([*location, key], node)
        where = where if told(key) == f"「{key}」" else place_of(location, node)
        return Problem(where, f"不认识的键{told(key)}", str(context["allowed"]), str(context["hint"]))
    if kind == "missing":
        return Problem(place, "缺少这一项", remedy="补上；不知道怎么写时照同类条目")
    if kind == "literal_error":
        return Problem(
            place,
            told(detail["input"]),
            re.sub(", | or ", "、", str(context["expected"])).replace("'", ""),
        )
    if kind == "value_error":
        error = context["error"]
        return (
            Problem(place, error.found, error.allowed)
            if isinstance(error, NotAllowedError)
            else Problem(place, str(error))
        )
    if kind in _EXPECTED:
        return Problem(place, f"{told(detail['input'])}的类型不对", _EXPECTED[kind])
    bound = {
        "greater_than": "大于",
        "greater_than_equal": "不小于",
        "less_than": "小于",
        "less_than_equal": "不大于",
    }
    if kind in bound:
        return Problem(place, told(detail["input"]), f"{bound[kind]} {next(iter(context.values()))} 的数")
    return Problem(place, f"{told(detail['input'])}不合要求", detail["msg"])

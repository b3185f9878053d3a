"""Every sentence with which our engines warn has its Chinese; others pass as they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fittingroom.engines
from fittingroom.pages.room.warnings import DOUBTFUL, TEXTS, translated

ENGINES = Path(fittingroom.engines.__file__).parent
SENTENCE = re.compile(r"(?:[A-Z]|fashn )[^\n]*\w\.")
NO_WARNINGS = {"editing_prompts.py"}


def sentences() -> Iterator[str]:
    """Whole sentences in the engines' sources that are no docstrings, with {} for what changes."""
    for path in sorted(ENGINES.rglob("*.py")):
        if path.name in NO_WARNINGS:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        passed: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr):
                passed.add(id(node.value))
            if isinstance(node, ast.JoinedStr):
                passed |= {id(part) for part in node.values}
        for node in ast.walk(tree):
            text = told(node) if id(node) not in passed else None
            if text is not None and SENTENCE.fullmatch(text):
                yield text


def told(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_sentence_of_our_engines_has_its_chinese_and_no_other() -> None:
    assert set(sentences()) == set(TEXTS)


@pytest.mark.parametrize("english", TEXTS)
def test_what_changes_stands_in_both_and_the_chinese_is_chinese(english: str) -> None:
    filled = english.replace("{}", "17")
    (chinese,) = translated([filled], "zh-CN")
    assert chinese == TEXTS[english].replace("{}", "17")
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert english.count("{}") == TEXTS[english].count("{}")
    assert translated([filled], "en-US") == [filled]


def test_doubt_stands_before_the_advice_in_chinese_too() -> None:
    assert f'f"{DOUBTFUL[0]}{{' in (ENGINES / "drape" / "confidence.py").read_text("utf-8")
    advice = "The garment seems to be sheer."
    assert translated([DOUBTFUL[0] + advice], "zh-CN") == [DOUBTFUL[1] + TEXTS[advice]]


def test_sentences_from_elsewhere_pass_as_they_are() -> None:
    others = ["Something of another engine.", "The result is doubtful. Something else.", ""]
    assert translated(others, "zh-CN") == others

"""Whoever has only a clone can follow what its texts refer to: each document that they name is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "docs", "tests", "bench", "demo")
DOCUMENT = re.compile(r"\b[A-Za-z0-9_-]+\.md\b")
SECTION = re.compile(r"\b[A-Z]{4,} (?:study|section|\d+\.\d)")
"""`CONTRACT 3.3`, `DRAPE study`: notes that are kept elsewhere."""

DOCUMENTS = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]


@pytest.mark.parametrize("pattern", [DOCUMENT, SECTION], ids=["documents", "sections"])
def test_every_document_that_is_named_is_here(pattern) -> None:
    known = {path.name for path in DOCUMENTS}
    texts = {path: path.read_text(encoding="utf-8") for path in [ROOT / "Makefile", *DOCUMENTS, *SOURCES]}
    named = [(path.name, word) for path, text in texts.items() for word in pattern.findall(text)]
    assert [(name, word) for name, word in named if word not in known] == []

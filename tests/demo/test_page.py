"""The demo's page: complete, self-contained, and safe with odd names."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "link", "br"}


class Reader(HTMLParser):
    """Collects images and text, and checks that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(str(dict(attrs)["src"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def shown(page, **changes: object):
    values = {
        "person": "p.jpg",
        "garment": "g.jpg",
        "result": "r.jpg",
        "clothes_type": "Dress",
        "seconds": 3.21,
        "message": "RequestId 12",
    }
    return page.Shown(**(values | changes))


def test_shows_three_pictures_and_the_facts_of_each_case(page) -> None:
    read = Reader(page.render([shown(page), shown(page, person="q.jpg")], "out/", "call me"))
    text = "".join(read.words)
    assert read.images == ["out/p.jpg", "out/g.jpg", "out/r.jpg", "out/q.jpg", "out/g.jpg", "out/r.jpg"]
    assert read.open == []
    assert "2 of 2 pictures" in text
    assert text.count("Dress · 3.2 s · RequestId 12") == 2
    assert "call me" in text


def test_a_failure_shows_its_message_in_the_results_place(page) -> None:
    read = Reader(page.render([shown(page, result=None, message="FailedOperation: no")], "out/", ""))
    assert read.images == ["out/p.jpg", "out/g.jpg"]
    assert "0 of 1 pictures" in "".join(read.words)
    assert "".join(read.words).count("FailedOperation: no") == 1


def test_odd_names_and_messages_are_text_only(page) -> None:
    odd = '"><script>alert(1)</script>.jpg'
    read = Reader(page.render([shown(page, person=odd), shown(page, result=None, message=odd)], "", odd))
    assert "script" not in read.tags
    assert read.images[0] == odd


def test_needs_nothing_from_elsewhere(page) -> None:
    assert re.findall(r"https?://", page.render([shown(page)], "", "")) == []

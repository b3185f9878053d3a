import pytest

from fittingroom.pages.room.advice import TEXTS, advice


@pytest.mark.parametrize(
    ("kind", "size", "codes"),
    [
        ("person", (900, 1200), []),
        ("person", (1200, 900), ["not_portrait"]),
        ("garment", (1200, 900), []),
        ("garment", (600, 800), ["small"]),
        ("person", (700, 700), ["not_portrait", "small"]),
        ("person", None, []),
    ],
)
def test_what_a_size_tells(kind: str, size: tuple[int, int] | None, codes: list[str]) -> None:
    assert [one["code"] for one in advice(kind, size, "en-US")] == codes


@pytest.mark.parametrize("code", TEXTS)
def test_advice_is_there_in_both_languages(code: str) -> None:
    english, chinese = (
        [one for one in advice("person", (700, 700), lang) if one["code"] == code] for lang in ("en-US", "zh-CN")
    )
    assert english[0]["message"].isascii()
    assert not chinese[0]["message"].isascii()
    assert all(one[0]["advice"] for one in (english, chinese))

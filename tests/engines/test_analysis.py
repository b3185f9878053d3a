"""What was computed from a photo is the owner's alone, bounded in bytes and time, whole, and nobody can change it."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest

from fittingroom.engines.analysis import Analyses, AnalysisCache, ReusesAnalyses, reusing
from fittingroom.engines.protocol import ClothesType, NoGarmentFound

KIB = 1024


@dataclass(frozen=True)
class Seen:
    """A kilobyte, one of its rows, and as much again once `late` is asked for."""

    whole: np.ndarray
    named: dict[str, np.ndarray]

    @cached_property
    def late(self) -> np.ndarray:
        return np.ones(KIB, np.uint8)


class Maker:
    """Makes a new one each time and counts."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Seen:
        self.made += 1
        whole = np.zeros((2, KIB // 2), np.uint8)
        return Seen(whole, {"row": whole[0]})


def photo(value: int, shape: tuple[int, int] = (6, 4)) -> np.ndarray:
    return np.full((*shape, 3), value, np.uint8)


def cache(kib: int = 100, seconds: float = 60.0) -> AnalysisCache:
    return AnalysisCache(kib * KIB, seconds)


def ask(analyses: Analyses, rgb: np.ndarray, make: Maker, role: str = "person", about: object = "drape") -> Seen:
    return analyses.get(role, rgb, about, make)


def test_the_same_pixels_are_understood_once() -> None:
    kept, make = cache(), Maker()
    first = ask(kept.of("a"), photo(1), make)
    later = kept.of("a")
    assert ask(later, photo(1), make) is first
    assert (make.made, later.used) == (1, [("person", "hit")])
    assert (kept.counts.hits, kept.counts.misses, kept.counts.entries) == (1, 1, 1)


def test_another_account_is_never_served_from_this_ones_photo() -> None:
    kept, make = cache(), Maker()
    first = ask(kept.of("a"), photo(1), make)
    other = kept.of("b")
    assert ask(other, photo(1), make) is not first
    assert other.used == [("person", "miss")]
    assert ask(kept.of(""), photo(1), make) is not first


def test_other_pixels_shape_role_or_parameters_are_another_answer() -> None:
    kept, make = cache(), Maker()
    analyses = kept.of("a")
    ask(analyses, photo(1), make)
    ask(analyses, photo(2), make)
    ask(analyses, photo(1, (4, 6)), make)
    ask(analyses, photo(1), make, role="garment")
    ask(analyses, photo(1), make, about=("drape", ClothesType.UPPER, (("neck_front", (0.5, 0.1)),)))
    ask(analyses, photo(1), make, about=("drape", ClothesType.UPPER, (("neck_front", (0.5, 0.2)),)))
    assert make.made == 6


def test_a_view_is_keyed_by_its_own_pixels() -> None:
    kept, make = cache(), Maker()
    whole = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    first = ask(kept.of("a"), whole[:, :4], make)
    assert ask(kept.of("a"), whole[:, 4:], make) is not first
    assert ask(kept.of("a"), whole[:, :4].copy(), make) is first


def test_the_bound_holds_and_the_least_recently_used_goes_first() -> None:
    kept, make = cache(kib=2), Maker()
    for value in (1, 2, 1, 3):
        ask(kept.of("a"), photo(value), make)
    assert (make.made, kept.counts.entries, kept.counts.bytes) == (3, 2, 2 * KIB), "a shared buffer counts once"
    ask(kept.of("a"), photo(1), make)
    assert make.made == 3, "1 was used after 2"
    ask(kept.of("a"), photo(2), make)
    assert make.made == 4


def test_what_is_worked_out_later_counts_from_its_next_use() -> None:
    kept, make = cache(kib=3), Maker()
    ask(kept.of("a"), photo(1), make)
    first = ask(kept.of("a"), photo(2), make)
    assert first.late.nbytes == KIB
    ask(kept.of("a"), photo(2), make)
    assert kept.counts.bytes == 2 * KIB + KIB
    assert not first.late.flags.writeable
    assert ask(kept.of("a"), photo(1), make).late is not None
    ask(kept.of("a"), photo(1), make)
    assert (kept.counts.entries, kept.counts.bytes) == (1, 2 * KIB)


@pytest.mark.parametrize("bound", [0, KIB - 1])
def test_what_does_not_fit_is_made_each_time(bound: int) -> None:
    kept, make = AnalysisCache(bound, 60.0), Maker()
    for _ in range(2):
        ask(kept.of("a"), photo(1), make)
    assert (make.made, kept.counts.bytes, kept.counts.entries) == (2, 0, 0)


def test_a_cache_that_is_off_says_nothing() -> None:
    analyses = AnalysisCache(0, 60.0).of("a")
    ask(analyses, photo(1), Maker())
    assert analyses.used == []


def test_it_leaves_the_memory_in_time_without_any_further_job() -> None:
    kept = cache(seconds=0.2)
    gone = weakref.ref(ask(kept.of("a"), photo(1), Maker()).whole)
    assert gone() is not None
    wait_until(lambda: gone() is None)
    assert (kept.counts.entries, kept.counts.bytes) == (0, 0)


def test_each_use_gives_it_the_time_anew() -> None:
    kept, make = cache(seconds=0.5), Maker()
    ask(kept.of("a"), photo(1), make)
    ask(kept.of("a"), photo(2), make)
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        ask(kept.of("a"), photo(1), make)
        time.sleep(0.05)
    assert (make.made, kept.counts.entries) == (2, 1), "1 was in use all the time, 2 was not"
    wait_until(lambda: kept.counts.entries == 0)


def test_an_entry_over_its_time_is_no_hit_even_where_the_timer_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AnalysisCache, "_wake", lambda self: None)
    kept, make = cache(seconds=0.01), Maker()
    ask(kept.of("a"), photo(1), make)
    time.sleep(0.03)
    ask(kept.of("a"), photo(1), make)
    assert (make.made, kept.counts.entries, kept.counts.bytes) == (2, 1, KIB)


def test_a_timer_keeps_no_cache_alive() -> None:
    kept = cache()
    gone = weakref.ref(ask(kept.of("a"), photo(1), Maker()).whole)
    del kept
    gc.collect()
    assert gone() is None


def test_a_refusal_leaves_nothing() -> None:
    kept, make = cache(), Maker()

    def refuse() -> Seen:
        raise NoGarmentFound("nothing there")

    with pytest.raises(NoGarmentFound):
        kept.of("a").get("person", photo(1), "drape", refuse)
    assert kept.counts.entries == 0
    ask(kept.of("a"), photo(1), make)
    assert make.made == 1


def test_nobody_can_write_into_what_is_kept() -> None:
    seen = ask(cache().of("a"), photo(1), Maker())
    for values in (seen.whole, seen.named["row"]):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_threads_share_it() -> None:
    kept, failures = cache(kib=8, seconds=0.01), []

    def work(owner: str) -> None:
        try:
            for turn in range(300):
                ask(kept.of(owner), photo(turn % 11), Maker())
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(str(n % 2),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert kept.counts.bytes <= 8 * KIB
    wait_until(lambda: kept.counts.bytes == kept.counts.entries == 0)


class Plain:
    name = "plain"

    def load(self) -> None:
        pass

    def try_on(self, *given: object) -> None:
        pass


class Reusing(Plain):
    def using(self, analyses: Analyses) -> Reusing:
        made = Reusing()
        made.analyses = analyses
        return made


def test_an_engine_that_says_so_gets_the_analyses_and_any_other_is_left_alone() -> None:
    plain, able, analyses = Plain(), Reusing(), cache().of("a")
    assert reusing(plain, analyses) is plain
    assert not isinstance(plain, ReusesAnalyses)
    assert reusing(able, analyses).analyses is analyses
    assert not hasattr(able, "analyses")


def wait_until(condition) -> None:
    end = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)

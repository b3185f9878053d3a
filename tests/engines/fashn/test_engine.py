"""The whole engine with a tiny random network, from a set in the store to the picture on the photo."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from neural_tiny_fashn import SIZE, DrawnReader, TinyFashn, drawn_garment, drawn_person, tiny_set

from fittingroom.engines.fashn.engine import IGNORED, FashnEngine
from fittingroom.engines.neural.attempts import Judgement
from fittingroom.engines.protocol import (
    BatchEngine,
    Cancelled,
    ClothesType,
    DoesNotFit,
    Engine,
    EngineError,
    FitStyle,
    NoGarmentFound,
    NoPersonFound,
    OutOfMemory,
    TryOnOptions,
    TryOnRequest,
    TryOnResult,
    Tunable,
)
from fittingroom.models import MissingWeight, set_folder
from fittingroom.setting_neural import NeuralSettings

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.neural
torch.set_num_threads(1)

STEPS = 3
PERSON = drawn_person(240, 320).rgb
GARMENT = drawn_garment(200, 200)
EVERY = list(ClothesType)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the tiny set."""
    folder = tmp_path_factory.mktemp("fashn")
    (folder / "given").mkdir()
    (folder / "store").mkdir()
    tiny_set(folder / "given", folder / "store")
    return folder / "store"


def make(store: Path, **settings: object) -> TinyFashn:
    chosen = NeuralSettings(**{"device": "cpu", "steps": STEPS, "attempts": 1, **settings})
    reader = DrawnReader(drawn_person(240, 320))
    return TinyFashn(lambda name: set_folder(name, store), chosen, reader=reader)


@pytest.fixture(scope="module")
def engine(store: Path) -> TinyFashn:
    made = make(store)
    made.load()
    return made


def request(seed: int = 0, checkpoint=lambda: None, person=PERSON, clothes_type=ClothesType.UPPER) -> TryOnRequest:
    return TryOnRequest(person, GARMENT, clothes_type, TryOnOptions(seed=seed), checkpoint)


def dress(engine: FashnEngine, seed: int = 0, **rest) -> TryOnResult:
    asked = request(seed, **rest)
    return engine.try_on(asked.person, asked.garment, asked.clothes_type, asked.options, asked.checkpoint)


def test_it_is_all_that_it_offers(engine):
    assert isinstance(engine, Engine)
    assert isinstance(engine, Tunable)
    assert isinstance(engine, BatchEngine)
    assert engine.name == "fashn"


@pytest.mark.parametrize("clothes_type", EVERY)
def test_the_photo_stays_outside_the_mask(engine, clothes_type):
    done = dress(engine, clothes_type=clothes_type)
    mask = done.report.mask
    assert done.image.shape == PERSON.shape
    assert done.image.dtype == np.uint8
    assert mask.shape == PERSON.shape[:2]
    assert mask.dtype == np.float32
    assert 0 <= mask.min() <= mask.max() <= 1
    assert (done.image[mask == 0] == PERSON[mask == 0]).all()
    inside = mask > 0.9
    assert inside.mean() > 0.02
    assert (done.image[inside] != PERSON[inside]).any(axis=-1).mean() > 0.9


def test_the_type_decides_what_changes(engine):
    top, bottom = (dress(engine, clothes_type=t).report.mask > 0 for t in (ClothesType.UPPER, ClothesType.LOWER))
    rows = np.arange(len(PERSON))[:, None]
    assert (rows * top).sum() / top.sum() < (rows * bottom).sum() / bottom.sum() - 30


def test_a_seed_is_a_picture(engine):
    first, again, other = dress(engine, 4), dress(engine, 4), dress(engine, 5)
    assert first.image.tobytes() == again.image.tobytes()
    assert first.image.tobytes() != other.image.tobytes()


def test_the_processs_random_state_is_untouched(engine):
    torch.manual_seed(7)
    np.random.seed(7)
    before, of_numpy = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    dress(engine)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (np.random.get_state()[1] == of_numpy).all()


def counting(stop_at: int, error: BaseException):
    """A checkpoint that raises when it is asked for the `stop_at`th time, and how often it was asked."""
    asked: list[int] = []

    def checkpoint() -> None:
        asked.append(1)
        if len(asked) >= stop_at:
            raise error

    return checkpoint, asked


def test_the_checkpoint_is_asked_in_every_stage_and_ends_the_work_there(engine):
    checkpoint, asked = counting(10**6, Cancelled("never"))
    dress(engine, checkpoint=checkpoint)
    stages = len(asked)
    assert stages >= STEPS + 4
    for stop_at in range(1, stages + 1):
        stopping, times = counting(stop_at, Cancelled(f"at {stop_at}"))
        with pytest.raises(Cancelled, match=f"at {stop_at}"):
            dress(engine, checkpoint=stopping)
        assert len(times) == stop_at
    assert dress(engine).image.tobytes() == dress(engine).image.tobytes()


def test_a_checkpoints_own_kind_of_error_reaches_its_caller(engine):
    checkpoint, _ = counting(5, TimeoutError("too late"))
    with pytest.raises(TimeoutError, match="too late"):
        dress(engine, checkpoint=checkpoint)
    for stop_at in (2, 5, STEPS + 5):  # while reading, in the network, when finishing
        checkpoint, _ = counting(stop_at, TimeoutError("too late"))
        answers = dict(engine.try_on_many([request(checkpoint=checkpoint), request()]))
        assert isinstance(answers[0], EngineError)
        assert isinstance(answers[1], TryOnResult)


def test_two_threads_make_what_one_makes(engine):
    alone = [dress(engine, seed).image.tobytes() for seed in (1, 2)]
    together: dict[int, bytes] = {}
    threads = [
        threading.Thread(target=lambda s=seed: together.update({s: dress(engine, s).image.tobytes()}))
        for seed in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[1], together[2]] == alone


def test_a_pass_of_two_is_two_pictures(engine):
    asked = [request(1), request(2, clothes_type=ClothesType.LOWER)]
    alone = [dress(engine, 1), dress(engine, 2, clothes_type=ClothesType.LOWER)]
    many = dict(engine.try_on_many(asked))
    for one, other in zip([many[0], many[1]], alone, strict=True):
        assert np.abs(one.image.astype(int) - other.image).max() <= 2
        assert np.abs(one.report.mask - other.report.mask).max() < 0.05


def test_who_fails_leaves_the_pass(engine):
    nobody = np.full_like(PERSON, 90)
    checkpoint, asked = counting(6, Cancelled("gone"))
    answers = dict(engine.try_on_many([request(person=nobody), request(2), request(3, checkpoint)]))
    assert isinstance(answers[0], NoPersonFound)
    assert answers[1].image.shape == PERSON.shape
    assert isinstance(answers[2], Cancelled)
    assert len(asked) == 6
    assert list(engine.try_on_many([])) == []


def test_no_person_no_garment_no_pose(engine, store):
    with pytest.raises(NoPersonFound, match="one colour"):
        dress(engine, person=np.full_like(PERSON, 90))
    with pytest.raises(NoGarmentFound):
        engine.try_on(PERSON, np.full((90, 90, 3), 255, np.uint8), ClothesType.UPPER)
    without = make(store)
    without._reader._body._drape._nets.sees = False
    with pytest.raises(NoPersonFound, match="pose"):
        dress(without)


def test_memory_that_runs_out_is_one_failed_request(engine, monkeypatch):
    before = dress(engine, 1).image.tobytes()
    forward = type(engine._runtime._network).forward

    def starve(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(type(engine._runtime._network), "forward", starve)
    with pytest.raises(OutOfMemory, match="ran out"):
        dress(engine, 1)
    with pytest.raises(OutOfMemory):
        list(engine.try_on_many([request(1), request(2)]))
    monkeypatch.setattr(type(engine._runtime._network), "forward", forward)
    assert dress(engine, 1).image.tobytes() == before


def test_other_seeds_are_tried_while_the_picture_fails(store):
    done = dress(make(store, attempts=3), 10)
    assert done.report.signals["attempts"] == 3
    assert done.report.warnings[0] == "None of 3 attempts passed the check."
    assert "The garment's colours are not those of its photo." in done.report.warnings
    best = {dress(make(store), seed).image.tobytes() for seed in (10, 11, 12)}
    assert done.image.tobytes() in best
    assert done.report.confidence < 0.2


def passes_of(engine: FashnEngine, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of every pass, from now on."""
    engine.load()
    made, seen = engine._runtime.make, []

    def counted(told, seeds, checkpoints):
        seen.append(list(seeds))
        return made(told, seeds, checkpoints)

    monkeypatch.setattr(engine._runtime, "make", counted)
    return seen


def fine_from(seed_of: dict[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The check: passed by the picture of that attempt (from 0 on), by the colour of the request's garment."""
    from fittingroom.engines.fashn import engine as module

    attempts: dict[int, int] = dict.fromkeys(seed_of, -1)
    finish = module.finish

    def judged(made, known, reader):
        colour = int(known.garment[0, 0, 0])
        attempts[colour] += 1
        done = finish(made, known, reader)
        return replace(done, judgement=Judgement(attempts[colour] >= seed_of[colour], 0.0))

    monkeypatch.setattr(module, "finish", judged)


def coloured(shade: int, seed: int, checkpoint=lambda: None) -> TryOnRequest:
    garment = GARMENT.copy()
    garment[0, 0] = shade
    return TryOnRequest(PERSON, garment, ClothesType.UPPER, TryOnOptions(seed=seed), checkpoint)


def test_further_seeds_are_tried_in_company_and_who_is_done_leaves_first(store, monkeypatch):
    engine = make(store, attempts=3)
    seen = passes_of(engine, monkeypatch)
    fine_from({200: 0, 210: 2, 220: 1}, monkeypatch)
    asked = [coloured(210, 20), coloured(200, 10), coloured(220, 30)]
    order = []
    for place, answer in engine.try_on_many(asked):
        order.append((place, len(seen)))
        assert answer.report.signals["attempts"] == {0: 3, 1: 1, 2: 2}[place]
    assert order == [(1, 1), (2, 2), (0, 3)]
    assert seen == [[20, 10, 30], [21, 31], [22]]


def test_who_gives_up_while_anothers_picture_is_finished_is_in_no_further_pass(store, monkeypatch):
    engine = make(store, attempts=2)
    seen = passes_of(engine, monkeypatch)
    fine_from({200: 1, 210: 1}, monkeypatch)
    late = []

    def checkpoint() -> None:
        if late:
            raise Cancelled("too late")

    judge = sys.modules["fittingroom.engines.fashn.engine"].finish

    def then_late(made, known, reader):
        done = judge(made, known, reader)
        late.extend([1] * (int(known.garment[0, 0, 0]) == 210))
        return done

    monkeypatch.setattr(sys.modules["fittingroom.engines.fashn.engine"], "finish", then_late)
    answers = dict(engine.try_on_many([coloured(200, 10, checkpoint), coloured(210, 20)]))
    assert isinstance(answers[0], Cancelled)
    assert isinstance(answers[1], TryOnResult)
    assert seen == [[10, 20], [21]]


def test_who_waits_for_the_network_may_leave(engine):
    runtime = engine._runtime
    checkpoint, asked = counting(6, Cancelled("nobody waits"))
    with runtime._lock:
        with pytest.raises(Cancelled):
            dress(engine, checkpoint=checkpoint)
        assert len(asked) == 6
        both = [counting(stop_at, Cancelled("gone"))[0] for stop_at in (5, 7)]
        answers = dict(engine.try_on_many([request(1, both[0]), request(2, both[1])]))
        assert all(isinstance(answer, Cancelled) for answer in answers.values())
    assert dress(engine, 1).image.shape == PERSON.shape


def test_guidance_is_kept_to_the_operators_times():
    from fittingroom.engines.fashn.runtime import plan_of

    every, early = (plan_of(NeuralSettings(steps=20, guided_until=until)) for until in (1.0, 0.3))
    assert (every.passes, sum(early.guided())) == (39, sum(time <= 0.3 for time in early.times()[:-1]))
    assert not plan_of(NeuralSettings(steps=4, guided_from=0.1)).guided()[0]


def test_steps_and_guidance_are_the_operators(store, engine):
    asked: list[int] = []
    dress(make(store, steps=6), checkpoint=lambda: asked.append(1))
    fewer: list[int] = []
    dress(engine, checkpoint=lambda: fewer.append(1))
    assert len(asked) - len(fewer) == 6 - STEPS
    assert dress(make(store, guidance=4.0)).image.tobytes() != dress(engine).image.tobytes()
    tuned = engine.tuned(NeuralSettings(device="cpu", steps=STEPS, guidance=4.0, attempts=1))
    assert dress(tuned).image.tobytes() == dress(make(store, guidance=4.0)).image.tobytes()


def test_eight_bits_and_kernels(store, engine):
    assert dress(make(store, quantize="8bit")).image.tobytes() != dress(engine).image.tobytes()
    one, other = (dress(make(store, attention=kernel)).image for kernel in ("math", "sdpa"))
    assert np.abs(one.astype(int) - other).max() <= 2
    with pytest.raises(EngineError, match="4bit"):
        make(store, quantize="4bit").load()


def test_it_says_what_it_ignores(engine):
    plain = engine.try_on(PERSON, GARMENT, ClothesType.UPPER, TryOnOptions(seed=1))
    asked = engine.try_on(PERSON, GARMENT, ClothesType.UPPER, TryOnOptions(seed=1, fit=FitStyle.SLIM))
    assert IGNORED not in plain.report.warnings
    assert asked.report.warnings[0] == IGNORED
    assert asked.image.tobytes() == plain.image.tobytes()


def test_the_report_has_its_stages(engine):
    report = dress(engine).report
    assert list(report.stages) == ["person", "garment", "frame", "network", "finish"]
    assert report.engine == "fashn"
    assert {"registration", "drift", "changed", "attempts"} <= set(report.signals)


def test_what_does_not_fit_is_said_before_it_is_loaded(store, monkeypatch):
    from fittingroom.engines.fashn import runtime
    from fittingroom.engines.neural import device

    monkeypatch.setattr(device, "free_bytes", lambda _: 1000)
    monkeypatch.setattr(runtime, "load_network", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(DoesNotFit, match="fashn needs"):
        make(store).load()


def test_more_memory_is_asked_for_more_pictures(store):
    from fittingroom.engines.fashn.runtime import needed_bytes

    file = store / "fashn" / "model.safetensors"
    one, four = (needed_bytes(file, torch.float32, SIZE, batch) for batch in (1, 4))
    assert file.stat().st_size * 0.9 < one < four
    assert needed_bytes(file, torch.bfloat16, SIZE, 1) == one // 2


def test_missing_weights_name_the_command(tmp_path):
    with pytest.raises(MissingWeight, match="fittingroom models pull fashn"):
        TinyFashn(lambda name: set_folder(name, tmp_path)).load()


def test_without_pytorch_one_line_names_the_extra(store, monkeypatch):
    for module in [name for name in sys.modules if name.startswith("fittingroom.engines.fashn.")]:
        if module.rpartition(".")[2] in {"runtime", "sampler", "weights", "network", "blocks", "embed", "rotary"}:
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineError, match=r'pip install "fittingroom\[neural\]"'):
        make(store).load()

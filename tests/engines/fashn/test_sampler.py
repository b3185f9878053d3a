"""The flow is followed as published, by the fewest passes, repeatably, and each picture can leave on its own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from neural_tiny_fashn import SIZE, save_tiny  # noqa: E402

from fittingroom.engines.fashn.network import Network  # noqa: E402
from fittingroom.engines.fashn.sampler import Conditions, Plan, noise, sample  # noqa: E402
from fittingroom.engines.fashn.weights import load_network  # noqa: E402
from fittingroom.engines.protocol import Cancelled, never_cancelled  # noqa: E402

pytestmark = pytest.mark.neural

PLAN = Plan(steps=4)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    path: Path = save_tiny(tmp_path_factory.mktemp("fashn") / "model.safetensors")
    return load_network(path, torch.device("cpu"), torch.float32)


def conditions(seed: int = 0, category: int = 1) -> Conditions:
    random = torch.Generator().manual_seed(seed)
    return Conditions(*(torch.rand((k, *SIZE), generator=random) * 2 - 1 for k in (3, 1, 3, 1)), category)


def one(network: Network, told: Conditions, seed: int, plan: Plan = PLAN) -> torch.Tensor:
    (made,) = sample(network, [told], [seed], plan, [never_cancelled])
    assert isinstance(made, torch.Tensor)
    return made


class Counting:
    """A network that remembers what it was asked, and answers by a formula."""

    def __init__(self, network: Network, velocity=None) -> None:
        self.x_embedder, self.angles = network.x_embedder, network.angles
        self.velocity = velocity or (lambda person, garment, category: torch.zeros_like(person[:, :3]))
        self.batches: list[int] = []
        self.times: list[float] = []
        self.categories: list[list[int]] = []

    def __call__(self, person, garment, time, category, angles):
        self.batches.append(len(person))
        self.times.append(float(time[0]))
        self.categories.append(category.tolist())
        return self.velocity(person, garment, category)


def test_times_are_the_published_schedule() -> None:
    times = Plan(steps=4).times()
    # The published formula on the reversed grid: exp(mu) / (exp(mu) + 1 / t - 1) with mu = -1.5.
    assert times == pytest.approx((0.0, 0.0692278, 0.1824255, 0.4009790, 1.0), abs=1e-6)
    assert Plan(steps=4, shift=0.0).times() == pytest.approx((0.0, 0.25, 0.5, 0.75, 1.0))


def test_steps_of_euler_end_where_a_constant_velocity_leads(network: Network) -> None:
    counting = Counting(network, lambda person, garment, category: torch.full_like(person[:, :3], 0.25))
    made = one(counting, conditions(), 5)
    assert torch.allclose(made, (noise(5, *SIZE) + 0.25).clamp(-1, 1), atol=1e-6)
    assert counting.times == pytest.approx(PLAN.times()[:-1])


@pytest.mark.parametrize(
    ("plan", "batches"),
    [
        (Plan(steps=4), [2, 2, 2, 1]),
        (Plan(steps=4, unguided=2), [2, 2, 1, 1]),
        (Plan(steps=4, guidance=1.0), [1, 1, 1, 1]),
        (Plan(steps=4, interval=(0.05, 0.2)), [1, 2, 2, 1]),
        (Plan(steps=1), [1]),
    ],
)
def test_a_step_is_doubled_only_where_guidance_counts(network: Network, plan: Plan, batches: list[int]) -> None:
    counting = Counting(network)
    one(counting, conditions(category=2), 0, plan)
    assert counting.batches == batches
    assert sum(batches) == plan.passes
    assert counting.categories == [[2, 0] if size == 2 else [2] for size in batches]


def test_guidance_goes_beyond_the_difference(network: Network) -> None:
    told = conditions()

    def velocity(person: torch.Tensor, garment: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        for k, number in enumerate(category.tolist()):
            without = number == 0
            assert without == (not person[k, 3:].any())
            assert without == (not garment[k].any())
        return torch.stack([torch.full_like(person[0, :3], 0.3 if number else 0.1) for number in category.tolist()])

    plan = Plan(steps=4, guidance=3.0)
    made = one(Counting(network, velocity), told, 5, plan)
    before_last = plan.times()[-2]
    moved = (0.1 + 3.0 * (0.3 - 0.1)) * before_last + 0.3 * (1.0 - before_last)
    assert torch.allclose(made, (noise(5, *SIZE) + moved).clamp(-1, 1), atol=1e-5)


def test_a_seed_gives_the_same_picture_and_another_another(network: Network) -> None:
    told = conditions()
    first = one(network, told, 7)
    assert torch.equal(first, one(network, told, 7))
    assert not torch.allclose(first, one(network, told, 8), atol=0.1)
    assert first.shape == (3, *SIZE)
    assert first.dtype == torch.float32
    assert first.abs().max() <= 1.0


@pytest.mark.parametrize("seed", [-1, 0, 2**63 - 1, 2**63, 2**80])
def test_any_integer_is_a_seed(seed: int) -> None:
    assert noise(seed, 4, 4).shape == (3, 4, 4)


def test_no_random_state_of_the_process_is_touched(network: Network) -> None:
    before = torch.random.get_rng_state()
    one(network, conditions(), 7)
    assert torch.equal(before, torch.random.get_rng_state())


def test_company_changes_no_picture(network: Network) -> None:
    told = [conditions(k, 1 + k) for k in range(3)]
    together = sample(network, told, [4, 5, 4], PLAN, [never_cancelled] * 3)
    for k, seed in enumerate([4, 5, 4]):
        assert torch.allclose(together[k], one(network, told[k], seed), atol=1e-4)


class Stopping:
    """A checkpoint that raises when it is asked for the `at`th time."""

    def __init__(self, at: int, error: Exception) -> None:
        self.asked, self.at, self.error = 0, at, error

    def __call__(self) -> None:
        self.asked += 1
        if self.asked == self.at:
            raise self.error


@pytest.mark.parametrize("at", [1, 2, 4])
def test_one_that_is_cancelled_leaves_and_the_others_go_on(network: Network, at: int) -> None:
    told, error = [conditions(k) for k in range(3)], Cancelled("gone")
    stopping = Stopping(at, error)
    made = sample(network, told, [1, 2, 3], PLAN, [never_cancelled, stopping, never_cancelled])
    assert made[1] is error
    assert stopping.asked == at
    for k in (0, 2):
        assert torch.allclose(made[k], one(network, told[k], k + 1), atol=1e-4)


def test_where_all_have_left_no_step_is_made(network: Network) -> None:
    counting = Counting(network)
    errors = [Cancelled("a"), ValueError("b")]
    made = sample(counting, [conditions()] * 2, [1, 2], PLAN, [Stopping(3, errors[0]), Stopping(2, errors[1])])
    assert made == errors
    assert counting.batches == [4, 2]


def test_two_threads_at_once_make_what_one_makes(network: Network) -> None:
    told = [conditions(0), conditions(1)]
    apart = [one(network, told[k], k) for k in range(2)]
    gate = threading.Barrier(2)

    def make(k: int) -> torch.Tensor:
        gate.wait(10)
        return one(network, told[k], k)

    with ThreadPoolExecutor(2) as threads:
        assert all(torch.equal(a, b) for a, b in zip(apart, threads.map(make, range(2)), strict=True))

"""The count by formula is the one that PyTorch counts, and so is the number of parameters."""

import pytest

torch = pytest.importorskip("torch")

from neural_tiny_fashn import SIZE, TINY  # noqa: E402

from fittingroom.engines.fashn.config import Config  # noqa: E402
from fittingroom.engines.fashn.flops import parameters, pass_flops, picture_flops  # noqa: E402
from fittingroom.engines.fashn.network import Network  # noqa: E402
from fittingroom.engines.fashn.sampler import Plan  # noqa: E402

pytestmark = pytest.mark.neural


def counted(config: Config, batch: int, size: tuple[int, int]) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        network = Network(config)
        planes = [torch.empty(batch, k, *size) for k in (7, 4)]
        network(*planes, torch.empty(batch), torch.zeros(batch, dtype=torch.long), network.angles(*size, "meta"))
    return int(counter.get_total_flops())


@pytest.mark.parametrize(("config", "size"), [(Config(), (864, 576)), (TINY, SIZE), (TINY, (864, 576))])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_pass_costs_what_torch_counts(config: Config, size: tuple[int, int], batch: int) -> None:
    assert pass_flops(config, batch, *size) == counted(config, batch, size)


@pytest.mark.parametrize("config", [Config(), TINY])
def test_parameters_are_counted(config: Config) -> None:
    with torch.device("meta"):
        assert parameters(config) == sum(one.numel() for one in Network(config).parameters())


def test_a_picture_costs_its_passes() -> None:
    plan = Plan(steps=20)
    guided = sum(plan.guided())
    assert picture_flops(Config(), guided, 20 - guided, 2) == plan.passes * pass_flops(Config(), 2)

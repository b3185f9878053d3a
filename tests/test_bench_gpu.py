"""The bench of the neural networks, with tiny ones on the CPU: every row comes and the page is written."""

import re
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))

import gpu  # noqa: E402
import gpu_meter  # noqa: E402

pytestmark = pytest.mark.neural

ROW = re.compile(r"\| (\S+) \| (\w+) \| (\d) \| \d+\.\d{3} \| \d+\.\d{3} \| – \| \d\S* \| \d+ % \|")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def page(folder: Path) -> Path:
    path = folder / "performance.md"
    path.write_text(f"before\n{gpu.BEGIN}\nold\n{gpu.END}\nafter\n")
    return path


def test_without_a_card_it_ends_in_one_line(capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    path = page(tmp_path)
    assert gpu.main(["--write", str(path)]) == gpu.NO_DEVICE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("No CUDA device: PyTorch ")
    assert told.err.count("\n") == 1
    assert "old" in path.read_text()


@pytest.mark.parametrize("name", gpu.NAMES)
def test_every_network_gives_its_rows(capsys, tmp_path: Path, name: str) -> None:
    path = page(tmp_path)
    words = ["--tiny", "--eager-only", "--networks", name, "--batches", "1", "2", "--write", str(path)]
    assert gpu.main(words) == 0
    rows = ROW.findall(capsys.readouterr().out)
    assert rows == [(name, "eager", "1"), (name, "eager", "2")]
    written = path.read_text()
    assert ROW.findall(written) == rows
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written


def test_the_compiled_network_has_rows_of_its_own(capsys) -> None:
    assert gpu.main(["--tiny", "--networks", "fashn", "--batches", "1"]) == 0
    assert [row[1] for row in ROW.findall(capsys.readouterr().out)] == ["eager", "compiled"]


def test_too_little_memory_is_a_row_and_no_end(capsys, monkeypatch) -> None:
    def starve(run, batch, device):
        if batch == 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return gpu_meter.Timing(1.0, 0.1, 2_000_000_000)

    monkeypatch.setattr(gpu_meter, "timed", starve)
    words = ["--tiny", "--eager-only", "--networks", "fashn", "flux2-klein", "--batches", "1", "2", "4"]
    assert gpu.main(words) == 0
    told = capsys.readouterr().out
    assert told.count("out of memory") == 2
    assert "| flux2-klein | eager | 1 | 1.000 | 0.100 | 2.0 |" in told
    assert "eager | 4" not in told


def test_a_page_without_a_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("nothing")
    with pytest.raises(ValueError, match="no place for the table"):
        gpu.write(tmp_path / "page.txt", "table")


def test_a_step_is_timed_and_counted_from_mark_to_mark() -> None:
    def run(batch, stepped):
        for _ in range(3):
            torch.ones(batch * 8, 16) @ torch.ones(16, 4)
            stepped()

    assert gpu_meter.work(run) == gpu_meter.Work(3 * 2 * 8 * 16 * 4, 2 * 8 * 16 * 4)
    timing = gpu_meter.timed(run, 2, torch.device("cpu"))
    assert 0 < timing.step < timing.picture
    assert timing.memory is None

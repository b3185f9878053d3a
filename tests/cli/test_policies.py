import json
from pathlib import Path

import pytest

from fittingroom.accounts import cam

CLOTHES = json.dumps(cam.allow_change_clothes("10.0.0.0/8"))


@pytest.fixture
def data(run, tmp_path: Path) -> Path:
    data = tmp_path / "data"
    run("accounts", "create", "shop", "--data-dir", data)
    run("users", "create", "shop", "alice", "--data-dir", data)
    return data


@pytest.fixture
def policies(run, data: Path):
    return lambda *words: run("policies", *words, "--data-dir", data)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(CLOTHES + "\n")
    return path


def test_a_policy_from_a_file_is_shown_as_it_was_written(policies, file: Path) -> None:
    done = policies("create", "shop", "clothes", file)
    assert (done.code, done.err) == (0, "")
    assert "fittingroom policies attach shop clothes USER" in done.out
    assert policies("show", "shop", "clothes").out == CLOTHES + "\n"


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (("--preset", "everything"), cam.allow_all()),
        (("--preset", "change-clothes"), cam.allow_change_clothes()),
        (
            ("--preset", "change-clothes", "--ip", "10.0.0.0/8", "--ip", "::1"),
            cam.allow_change_clothes("10.0.0.0/8", "::1"),
        ),
    ],
)
def test_presets(policies, words: tuple[str, ...], document: object) -> None:
    assert policies("create", "shop", "made", *words).code == 0
    assert json.loads(policies("show", "shop", "made").out) == document


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give either a file or --preset"),
        (("FILE", "--preset", "everything"), "give either a file or --preset"),
        (("--preset", "everything", "--ip", "10.0.0.1"), "--ip goes with --preset change-clothes"),
        (("FILE", "--ip", "10.0.0.1"), "--ip goes with --preset change-clothes"),
        (("--preset", "change-clothes", "--ip", "10.0.0"), "this is no policy: statement[0].condition"),
        (("none.json",), "the file none.json cannot be read"),
    ],
)
def test_what_is_not_clear_is_a_line_and_exit_code_one(policies, file: Path, words: tuple[str, ...], said: str) -> None:
    done = policies("create", "shop", "made", *(file if word == "FILE" else word for word in words))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 1


def test_the_place_of_a_fault_is_shown(run, policies, file: Path) -> None:
    file.write_text(CLOTHES.replace("allow", "alow"))
    for done in (policies("create", "shop", "p", file), run("policies", "validate", file)):
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("this is no policy: statement[0].effect: ")
        assert 'Did you mean "allow"?' in done.err


def test_validate_keeps_nothing(run, policies, file: Path) -> None:
    done = run("policies", "validate", file)
    assert (done.code, done.out) == (0, f"{file} is a policy\n")
    assert json.loads(policies("list", "shop", "--json").out) == []


def test_attach_list_update_detach_delete(policies, file: Path) -> None:
    policies("create", "shop", "p", "--preset", "everything")
    assert policies("attach", "shop", "p", "alice").out == "policy p attached to alice\n"
    heading, row = policies("list", "shop").out.splitlines()
    assert heading.split() == ["name", "attached", "to", "created"]
    assert row.split()[:2] == ["p", "alice"]
    assert policies("update", "shop", "p", file).out == "policy p updated\n"
    (listed,) = json.loads(policies("list", "shop", "--json").out)
    assert (listed["document"].strip(), listed["attached"]) == (CLOTHES, ["alice"])
    assert "detach it first" in policies("delete", "shop", "p").err
    assert policies("detach", "shop", "p", "alice").out == "policy p detached from alice\n"
    assert policies("delete", "shop", "p").out == "policy p deleted\n"
    assert "no policy named p" in policies("show", "shop", "p").err


def test_check_says_which_statement_decided(policies, file: Path) -> None:
    policies("create", "shop", "clothes", file)
    policies("attach", "shop", "clothes", "alice")
    asked = ("check", "shop", "--user", "alice", "--action", "aiart:ChangeClothes")
    allowed = policies(*asked, "--ip", "10.2.3.4")
    assert (allowed.code, allowed.out) == (0, "allowed by statement[0] of the identity policy 'clothes'\n")
    refused = policies(*asked, "--ip", "192.0.2.1")
    assert (refused.code, refused.err) == (1, "")
    assert refused.out.startswith("AuthFailure.UnauthorizedOperation: not allowed: no identity policy allows it")
    as_json = policies(*asked, "--ip", "192.0.2.1", "--json")
    assert as_json.code == 1
    assert json.loads(as_json.out)["allowed"] is False
    assert policies("check", "shop", "--action", "aiart:ChangeClothes").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--action", "aiart:ChangeClothes", "--ip", "10.0.0.0/8"), "'10.0.0.0/8' is no address"),
        (("--action", "ChangeClothes"), "'ChangeClothes' is no action"),
        (("--action", "aiart:ChangeClothes", "--user", "bob"), "the account shop has no user named bob"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_line_and_exit_code_one(
    policies, words: tuple[str, ...], said: str
) -> None:
    done = policies("check", "shop", *words)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)

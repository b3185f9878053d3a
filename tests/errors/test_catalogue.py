"""The catalogue against the published lists, the reasons against the catalogue, the document against both."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from fittingroom.errors import ApiError
from fittingroom.errors.action_codes import ACTION_CODES
from fittingroom.errors.catalogue import CATALOGUE
from fittingroom.errors.common_codes import COMMON_CODES
from fittingroom.errors.document import render
from fittingroom.errors.job_codes import JOB_CODES
from fittingroom.errors.picture_reasons import PICTURE_REASONS
from fittingroom.errors.published import PublishedCode
from fittingroom.errors.reasons import REASONS
from fittingroom.errors.request_reasons import REQUEST_REASONS
from fittingroom.errors.running_reasons import RUNNING_REASONS
from fittingroom.errors.sts_codes import STS_CODES
from fittingroom.errors.sts_reasons import STS_REASONS

PAGE = [
    *("AuthFailure.UnauthorizedOperation", "FailedOperation.GenerateImageFailed"),
    *("FailedOperation.ImageDecodeFailed", "FailedOperation.ImageDownloadError"),
    *("FailedOperation.ImageResolutionExceed", "FailedOperation.ImageSizeExceed", "FailedOperation.InnerError"),
    *("FailedOperation.RequestEntityTooLarge", "FailedOperation.RequestTimeout", "FailedOperation.RpcFail"),
    *("FailedOperation.ServerError", "FailedOperation.Unknown", "InvalidParameter.InvalidParameter"),
    *("InvalidParameterValue.ImageEmpty", "InvalidParameterValue.ParameterValueError"),
    *("InvalidParameterValue.StyleConflict", "InvalidParameterValue.TextLengthExceed"),
    *("InvalidParameterValue.UrlIllegal", "OperationDenied.ImageIllegalDetected"),
    *("OperationDenied.TextIllegalDetected", "RequestLimitExceeded", "RequestLimitExceeded.JobNumExceed"),
    *("ResourceUnavailable.Delivering", "ResourceUnavailable.InArrears", "ResourceUnavailable.LowBalance"),
    *("ResourceUnavailable.NotExist", "ResourceUnavailable.StopUsing"),
    *("ResourcesSoldOut.ChargeStatusException",),
]

COMMON = [
    *("ActionOffline", "AuthFailure.InvalidAuthorization", "AuthFailure.InvalidSecretId"),
    *("AuthFailure.MFAFailure", "AuthFailure.SecretIdNotFound", "AuthFailure.SignatureExpire"),
    *("AuthFailure.SignatureFailure", "AuthFailure.TokenFailure", "AuthFailure.UnauthorizedOperation"),
    *("DryRunOperation", "FailedOperation", "InternalError", "InvalidAction", "InvalidParameter"),
    *("InvalidParameterValue", "InvalidRequest", "IpInBlacklist", "IpNotInWhitelist", "LimitExceeded"),
    *("MissingParameter", "NoSuchProduct", "NoSuchVersion", "RequestLimitExceeded"),
    *("RequestLimitExceeded.GlobalRegionUinLimitExceeded", "RequestLimitExceeded.IPLimitExceeded"),
    *("RequestLimitExceeded.UinLimitExceeded", "RequestSizeLimitExceeded", "ResourceInUse"),
    *("ResourceInsufficient", "ResourceNotFound", "ResourceUnavailable", "ResponseSizeLimitExceeded"),
    *("ServiceUnavailable", "UnauthorizedOperation", "UnknownParameter", "UnsupportedOperation"),
    *("UnsupportedProtocol", "UnsupportedRegion"),
]

CAUSES = {
    "bodies_full": "bodies",
    "engine_failed": "failed on these pictures",
    "engine_unavailable": "could not be started",
    "form_too_large": "form",
    "job_num_exceed": "jobs in flight",
    "limits_unavailable": "does not answer",
    "permit_lost": "running job had to be stopped",
    "rate_account": "to all actions together",
    "rate_action": "to this action",
    "rate_address": "address",
    "total_exceed": "jobs of all accounts together",
    "logo_base64": "Base64",
    "logo_rect_outside": "rectangle",
    "out_of_memory": "memory",
    "queue_full": "queue",
    "image_refused": "person, garment or logo",
    "result_refused": "refused the result",
    "result_review_unavailable": "own reviewer could not be asked",
    "results_full": "room for another result",
    "results_unreachable": "object store of results",
    "review_unavailable": "own reviewer could not be asked",
    "shutting_down": "shutting down",
    "unreadable_answer": "cannot read",
    "url_characters": "blanks",
    "url_host": "host",
    "url_port": "port",
    "url_scheme": "http",
    "url_too_long": "long",
    "url_userinfo": "user name",
}
"""Reason -> words by which the meaning of its code tells of it."""

ROOT = Path(__file__).parents[2]


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_the_page_has_28_codes_and_all_are_here():
    assert len(PAGE) == len(set(PAGE)) == 28
    assert {code for code, entry in CATALOGUE.items() if entry.source in {"action", "both"}} == set(PAGE)


def test_all_common_codes_are_here():
    assert {code for code, entry in CATALOGUE.items() if entry.source in {"common", "both"}} == set(COMMON)


def test_against_the_sdk():
    """The official SDK's own list for aiart: every value is in the catalogue."""
    from tencentcloud.aiart.v20221229 import errorcodes

    codes = {value for name, value in vars(errorcodes).items() if name.isupper()}
    assert len(codes) >= 28
    assert codes <= set(CATALOGUE)


def test_the_codes_of_sts_are_those_of_the_sdk_and_one_of_the_domestic():
    from tencentcloud.sts.v20180813 import errorcodes

    codes = {value for name, value in vars(errorcodes).items() if name.isupper()}
    assert len(codes) == 29
    own = {entry.code for entry in STS_CODES}
    assert own == codes - set(COMMON) | {"FailedOperation.TempKeyNotAllowed"}
    assert {code for code, entry in CATALOGUE.items() if entry.source == "sts"} == own


def test_no_code_stands_in_two_lists():
    codes = [entry.code for entry in ACTION_CODES + COMMON_CODES + STS_CODES + JOB_CODES]
    assert len(codes) == len(set(codes)) == len(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_code_is_complete(code):
    entry = CATALOGUE[code]
    assert entry.code == code
    assert entry.en
    assert chinese(entry.zh)
    for text in (entry.when, entry.how, entry.remedy, entry.never):
        assert text == text.strip()
        assert "  " not in text


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_code_is_answered_where_a_reason_has_it(code):
    assert CATALOGUE[code].answered is (code in {reason.code for reason in REASONS.values()})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"when": "a"},
        {"when": "a", "how": "b"},
        {"how": "b", "never": "d"},
        {"when": "a", "how": "b", "remedy": "c", "never": "d"},
    ],
)
def test_an_entry_says_how_it_is_reached_or_why_never(said):
    with pytest.raises(ValueError, match="X: say when, how and remedy, or say never"):
        PublishedCode("X", "common", "x", "x", **said)


@pytest.mark.parametrize("name", CAUSES)
def test_meanings_tell_of_their_causes(name):
    assert CAUSES[name] in CATALOGUE[REASONS[name].code].when


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("RequestLimitExceeded.JobNumExceed", "queue"),
        ("ServiceUnavailable", "tarting"),
        ("ServiceUnavailable", "ailed"),
    ],
)
def test_meanings_claim_no_cause_of_another_code(code, words):
    assert words not in CATALOGUE[code].when


@pytest.mark.parametrize("name", REASONS)
def test_each_reason_is_complete(name):
    """Its code is published, both languages say something, with the same values to fill in."""
    reason = REASONS[name]
    assert reason.code in CATALOGUE
    assert chinese(reason.zh)
    assert not chinese(reason.en)
    fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (reason.en, reason.zh)]
    assert fields[0] == fields[1]
    error = ApiError(name, **dict.fromkeys(fields[0], "VALUE"))
    for language in ("en-US", "zh-CN"):
        assert error.message(language).count("VALUE") >= len(fields[0])


def test_an_unknown_reason_and_a_missing_value_are_slips_found_at_once():
    with pytest.raises(KeyError):
        ApiError("no such reason")
    with pytest.raises(KeyError):
        ApiError("missing_parameter")


def test_the_cause_stays_inside():
    error = ApiError("no_person", cause="10.0.0.1 /var/lib", parameter="ModelUrl")
    assert "10.0.0.1" not in error.message() + error.message("zh-CN") + str(error)
    assert error.cause == "10.0.0.1 /var/lib"
    assert error.code == "InvalidParameterValue.ParameterValueError"


def test_values_with_braces_are_taken_as_they_are():
    error = ApiError("unknown_parameter", parameter="{parameter.__class__}")
    assert error.message() == "The parameter `{parameter.__class__}` is not recognized."


def test_the_document_is_what_the_tables_say():
    """If this fails: `python -m fittingroom.errors.document > docs/errors.md`."""
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == render()


def test_the_document_says_how_each_code_is_reached_or_why_never():
    answered, never = render().split("\n## Messages")[0].split("## Published codes that this server never answers")
    for code, entry in CATALOGUE.items():
        text, told = (answered, entry.how) if entry.answered else (never, entry.never)
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{code}` |")]
        assert f"| {told.replace('|', chr(92) + '|')} |" in line


@pytest.mark.parametrize(
    "code",
    [
        "InvalidParameterValue.TextLengthExceed",
        "OperationDenied.TextIllegalDetected",
    ],
)
def test_codes_of_other_actions_are_never_answered(code):
    assert CATALOGUE[code].never.startswith("Belongs to other actions")
    assert code not in {reason.code for reason in REASONS.values()}


def test_no_reason_stands_in_two_rooms():
    rooms = (PICTURE_REASONS, RUNNING_REASONS, REQUEST_REASONS, STS_REASONS)
    assert sum(map(len, rooms)) == len(REASONS)

"""Which texts are URLs that may be fetched, and what each refusal says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from fittingroom.errors import ApiError
from fittingroom.images.url import MAX_URL, check_url


def refusal(text: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        check_url(text, parameter="ModelUrl")
    return caught.value


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM/A.jpg", "https://example.com/A.jpg"),
        ("https://example.com:8443/a?b=c%2Fd&e=%20#frag", "https://example.com:8443/a?b=c%2Fd&e=%20"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://example.com?a=b", "http://example.com/?a=b"),
        ("http://a_b.example.com/", "http://a_b.example.com/"),
        ("http://例子.中国/图片.jpg?名=值", "http://xn--fsqu00a.xn--fiqs8s/%E5%9B%BE%E7%89%87.jpg?%E5%90%8D=%E5%80%BC"),
        ("http://ｅｘａｍｐｌｅ.com/", "http://example.com/"),
        ("http://192.0.2.1/x", "http://192.0.2.1/x"),
        ("http://192.0.2.1./x", "http://192.0.2.1/x"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://example.com:/x", "http://example.com/x"),
        ("http://example.com:00081/x", "http://example.com:81/x"),
        ("http://localhost/x", "http://localhost/x"),
        ("http://example.com/a/../b//c?d?e", "http://example.com/a/../b//c?d?e"),
    ],
)
def test_accepted_urls_are_kept_byte_for_byte_but_for_host_and_fragment(text, url):
    assert str(check_url(text, parameter="ModelUrl")) == url


@pytest.mark.parametrize(
    "text",
    ["", "x", "example.com/a.jpg", "//example.com/a", "ftp://example.com/a", "file:///etc/passwd", "data:image/png,x",
     "javascript:alert(1)", "gopher://x/", "httpx://example.com/", "/etc/passwd", "C:/pictures/a.jpg"],
)  # fmt: skip
def test_other_schemes_are_refused(text):
    assert refusal(text).reason == "url_scheme"


@pytest.mark.parametrize(
    "text",
    ["http:x", "http://", "http:///x", "http://?a", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
     "http://127.1/", "http://017700000001/", "http://0177.0.0.1/", "http://1.2.3.4.5/", "http://256.1.1.1/",
     "http://[::1", "http://::1/", "http://[x]/", "http://[v1.a]/", "http://[1.2.3.4]/", "http://[fe80::1%25eth0]/",
     "http://a]b/", "http://x..com/", "http://.x.com/", "http://-a.com/", "http://a-.com/", "http://x.com:80:80/",
     "http://exa$mple.com/", "http://⒈.com/", "http://。/", "http://" + "a" * 64 + ".com/",
     "http://" + ".".join(["a" * 60] * 5) + "/"],
)  # fmt: skip
def test_hosts_that_are_not_plainly_a_host_are_refused(text):
    assert refusal(text).reason == "url_host"


def test_an_ip_address_in_fancy_digits_is_read_as_what_it_is():
    assert check_url("http://①②⑦.⓪.⓪.①/", parameter="ModelUrl").host == "127.0.0.1"


@pytest.mark.parametrize("port", ["0", "65536", "99999999999999999999", "8o", "-1", "+80", "²", "25", "22", "6379"])
def test_ports_that_are_none_or_belong_to_another_service_are_refused(port):
    assert refusal(f"http://example.com:{port}/").reason == "url_port"


@pytest.mark.parametrize("text", ["http://a@example.com/", "http://a:b@example.com/", "http://@example.com/",
                                  "https://example.com@127.0.0.1/", "http://a%40b@x/"])  # fmt: skip
def test_user_names_and_passwords_are_refused(text):
    assert refusal(text).reason == "url_userinfo"


@pytest.mark.parametrize(
    "bad", [" ", "\t", "\n", "\r", "\0", "\x7f", "\\", "\u2028", "\u200b", "\u3000", "\ufeff", "\ud800"]
)
@pytest.mark.parametrize(
    "form", ["http://ex{}ample.com/", "http://example.com/a{}b", "{}http://a.bc/", "http://a.bc/{}"]
)
def test_spaces_and_invisible_characters_are_refused_wherever_they_stand(bad, form):
    assert refusal(form.format(bad)).reason == "url_characters"


def test_overlong_urls_are_refused_before_anything_else_is_looked_at():
    longest = "http://example.com/" + "a" * (MAX_URL - len("http://example.com/"))
    assert len(str(check_url(longest, parameter="ModelUrl"))) == MAX_URL
    error = refusal(longest + "a")
    assert error.reason == "url_too_long"
    assert "4096" in error.message()


def test_refusals_name_the_parameter_and_carry_the_published_code():
    error = refusal("ftp://example.com/")
    assert error.code == "InvalidParameterValue.UrlIllegal"
    assert "`ModelUrl`" in error.message()
    assert "`ModelUrl`" in error.message("zh-CN")


def accepted(text: str) -> URL | None:
    try:
        return check_url(text, parameter="ModelUrl")
    except ApiError as error:
        if error.code != "InvalidParameterValue.UrlIllegal":
            raise
        return None


@given(st.text() | st.text(max_size=60).map("http://{}".format) | st.text(max_size=60).map("http://a.bc/{}".format))
def test_any_text_is_either_a_safe_url_or_a_refusal(text):
    url = accepted(text)
    if url is not None:
        assert url.scheme in ("http", "https")
        assert url.host
        assert url.user is None
        assert not url.fragment
        assert str(url).isascii()
        assert check_url(str(url), parameter="ModelUrl") == url

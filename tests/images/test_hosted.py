import asyncio
import time

import pytest

from fittingroom.errors import ApiError
from fittingroom.images.hosted import DOMAIN, HostingFetcher
from fittingroom.images.url import check_url
from fittingroom.settings import FetchSettings


@pytest.fixture
def fetcher() -> HostingFetcher:
    return HostingFetcher(FetchSettings())


def fetched(fetcher: HostingFetcher, url: str, max_bytes: int = 100) -> bytes:
    async def fetch() -> bytes:
        await fetcher.start()
        try:
            return await fetcher.fetch(url, parameter="ModelUrl", max_bytes=max_bytes, deadline=time.monotonic() + 5)
        finally:
            await fetcher.close()

    return asyncio.run(fetch())


def test_a_photo_is_found_while_it_is_held(fetcher: HostingFetcher) -> None:
    with fetcher.holding(b"photo") as url, fetcher.holding(b"other") as other:
        check_url(url, parameter="ModelUrl")
        assert url != other
        assert (fetched(fetcher, url), fetched(fetcher, other)) == (b"photo", b"other")


def test_a_photo_is_gone_after_its_block(fetcher: HostingFetcher) -> None:
    with fetcher.holding(b"photo") as url:
        pass
    with pytest.raises(ApiError) as caught:
        fetched(fetcher, url)
    assert caught.value.reason == "download_unresolved"


def test_an_address_cannot_be_guessed_from_another(fetcher: HostingFetcher) -> None:
    urls = []
    for _ in range(2):
        with fetcher.holding(b"photo") as url, HostingFetcher(FetchSettings()).holding(b"photo") as elsewhere:
            urls += [url, elsewhere]
    assert len(set(urls)) == 4
    assert {len(url.rpartition("/")[2]) for url in urls} == {32}


def test_a_guessed_address_leads_nowhere(fetcher: HostingFetcher) -> None:
    with fetcher.holding(b"photo"), pytest.raises(ApiError) as caught:
        fetched(fetcher, f"https://{DOMAIN}/")
    assert caught.value.reason == "download_unresolved"


def test_the_limit_of_bytes_holds_for_held_photos_too(fetcher: HostingFetcher) -> None:
    with fetcher.holding(b"x" * 101) as url, pytest.raises(ApiError) as caught:
        fetched(fetcher, url)
    assert caught.value.reason == "image_size_exceed"

import pytest

from fittingroom.pages.room.refusals import Refused
from fittingroom.pages.room.sessions import MOST_PHOTOS, Kept, Visits, picked
from fittingroom.setting_pages import PageSettings


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visits(clock: Clock) -> Visits:
    settings = PageSettings(room_sessions=2, room_session_bytes=100, room_total_bytes=150, room_ttl=60)
    return Visits(settings, clock)


def photo(size: int) -> Kept:
    return Kept(b"x" * size, "image/jpeg")


def test_a_visitor_is_found_by_cookie_and_token(visits: Visits) -> None:
    visit = visits.open()
    assert visits.find(visit.id, visit.token) is visit


@pytest.mark.parametrize("token", ["", "wrong", "ünicode"])
def test_a_wrong_token_finds_nobody(visits: Visits, token: str) -> None:
    visit = visits.open()
    with pytest.raises(Refused, match="SessionExpired"):
        visits.find(visit.id, token)


def test_an_unknown_cookie_finds_nobody(visits: Visits) -> None:
    with pytest.raises(Refused, match="SessionExpired"):
        visits.find("unknown", visits.open().token)


def test_a_visitor_who_is_not_seen_any_more_is_forgotten_with_all_bytes(visits: Visits, clock: Clock) -> None:
    visit = visits.open()
    visits.keep_photo(visit, photo(30))
    visits.keep_look(visit, photo(20))
    clock.now += 59
    visits.find(visit.id, visit.token)
    clock.now += 59
    visits.sweep()
    assert (len(visits), visits.held) == (1, 50)
    clock.now += 2
    visits.sweep()
    assert (len(visits), visits.held, visit.photos, visit.looks) == (0, 0, {}, {})


def test_a_visitor_whose_picture_is_being_made_stays(visits: Visits, clock: Clock) -> None:
    visit = visits.open()
    visit.busy = True
    clock.now += 1000
    visits.sweep()
    assert len(visits) == 1


def test_no_more_visitors_than_set(visits: Visits, clock: Clock) -> None:
    first, second = visits.open(), visits.open()
    visits.keep_photo(first, photo(1))
    second.busy = True
    with pytest.raises(Refused, match="RoomCrowded"):
        visits.open()
    assert len(visits) == 2
    clock.now += 61
    assert visits.open()


def test_who_has_nothing_here_gives_place(visits: Visits) -> None:
    first, second = visits.open(), visits.open()
    visits.keep_photo(first, photo(1))
    third = visits.open()
    assert len(visits) == 2
    for visit in (first, third):
        assert visits.find(visit.id, visit.token) is visit
    with pytest.raises(Refused, match="SessionExpired"):
        visits.find(second.id, second.token)


def test_a_picture_that_took_longer_than_a_visit_lasts_is_there_to_be_fetched(visits: Visits, clock: Clock) -> None:
    visit = visits.open()
    visit.busy = True
    clock.now += 61
    look = visits.keep_look(visit, photo(1))
    visit.busy = False
    assert picked(visits.find(visit.id, visit.token).looks, look)


def test_old_pictures_make_room_and_photos_do_not(visits: Visits) -> None:
    visit = visits.open()
    visits.keep_photo(visit, photo(40))
    first = visits.keep_look(visit, photo(30))
    second = visits.keep_look(visit, photo(30))
    third = visits.keep_look(visit, photo(30))
    assert list(visit.looks) == [second, third]
    with pytest.raises(Refused, match="NoSuchPicture"):
        picked(visit.looks, first)
    with pytest.raises(Refused, match="RoomFull"):
        visits.keep_photo(visit, photo(61))
    assert visit.bytes == 40


def test_no_more_bytes_than_set_for_all(visits: Visits) -> None:
    one, other = visits.open(), visits.open()
    visits.keep_photo(one, photo(90))
    with pytest.raises(Refused, match="RoomFull"):
        visits.keep_photo(other, photo(61))
    visits.close(one)
    visits.keep_photo(other, photo(61))
    assert visits.held == 61


def test_no_more_photos_than_a_bound_however_small(visits: Visits) -> None:
    visit = visits.open()
    ids = [visits.keep_photo(visit, photo(1)) for _ in range(MOST_PHOTOS)]
    with pytest.raises(Refused, match="RoomFull"):
        visits.keep_photo(visit, photo(1))
    del visit.photos[ids[0]]
    assert visits.keep_photo(visit, photo(1))


def test_who_has_left_keeps_nothing(visits: Visits) -> None:
    visit = visits.open()
    visits.close(visit)
    with pytest.raises(Refused, match="SessionExpired"):
        visits.keep_look(visit, photo(1))
    assert visits.held == 0


def test_two_tabs_of_a_browser_share_a_cookie_and_nothing_else(visits: Visits) -> None:
    first = visits.open()
    second = visits.open(first.id)
    assert (second.id == first.id, second.token == first.token) == (True, False)
    for visit in (first, second, first):
        assert visits.find(visit.id, visit.token) is visit


def test_a_cookie_that_is_nobodys_is_not_taken_over(visits: Visits) -> None:
    assert visits.open("chosen by the visitor").id != "chosen by the visitor"


def test_a_tab_that_opens_anew_leaves_nothing_behind(visits: Visits) -> None:
    first = visits.open()
    visits.keep_photo(first, photo(50))
    second = visits.open("", first.token)
    assert (len(visits), visits.held) == (1, 0)
    assert visits.find(second.id, second.token) is second


def test_leaving_is_by_token_since_two_tabs_share_a_cookie(visits: Visits) -> None:
    first, second = visits.open(), visits.open()
    visits.keep_photo(first, photo(10))
    visits.leave(first.token)
    assert (len(visits), visits.held) == (1, 0)
    assert visits.find(second.id, second.token) is second
    for wrong in ("", first.token, second.id, "ünicode"):
        with pytest.raises(Refused, match="SessionExpired"):
            visits.leave(wrong)

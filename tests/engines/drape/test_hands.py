"""Hands with their fingers: found round the wrist, cut on the photo's colours, and on photos that stop at the waist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mannequin import BODY_SKIN, Look

from fittingroom.engines.drape.body import Body, body_of
from fittingroom.engines.drape.hands import CUFF, REACH, visible_hands, without_cuff
from fittingroom.engines.drape.person import Person
from fittingroom.engines.drape.silhouette import body_from_silhouette

TONE, CLOTH, WALL = (196, 148, 120), (40, 60, 110), (235, 235, 232)


def spread_hand(shape: tuple[int, int], wrist: tuple[int, int], length: int) -> np.ndarray:
    """A palm below the wrist with four thin fingers, bool."""
    hand = np.zeros(shape, np.uint8)
    x, y = wrist
    cv2.line(hand, (x, y - 20), (x, y + length // 2), 1, length // 3)
    for k in range(-2, 2):
        cv2.line(hand, (x, y + length // 2), (x + (2 * k + 1) * length // 8, y + length), 1, max(3, length // 12))
    return hand > 0


def with_hand(look: Look, mannequin: Callable) -> tuple[Person, Body, np.ndarray]:
    """The drawn person with a spread hand before the trousers, of which the skin map shows a blur only."""
    person = mannequin(look).person()
    body = body_of(person.pose)
    wrist = tuple(int(v) for v in body.at(0.15, 1.5))
    tip = body.at(0.15, 1.6)
    hand = spread_hand(person.alpha.shape, wrist, round(0.42 * body.sw))
    rgb = np.where(
        hand[..., None], np.uint8(TONE), np.where(person.cloth[..., None] > 0.5, np.uint8(CLOTH), person.rgb)
    )
    blurred = cv2.GaussianBlur(hand.astype(np.float32), (0, 0), 0.03 * body.sw)
    person = replace(person, rgb=np.ascontiguousarray(rgb), skin=np.maximum(person.skin, blurred))
    hands = (np.stack([np.float32(wrist), np.float32(tip)]), body.hands[1])
    return person, replace(body, hands=hands), hand


def test_fingers_are_whole_and_the_cloth_between_them_is_not_kept(mannequin: Callable) -> None:
    person, body, hand = with_hand(Look(width=520), mannequin)
    found = visible_hands(person, body) > 0.5
    below = np.arange(hand.shape[0])[:, None] > body.hands[0][0, 1] + 0.25 * body.sw
    fingers = hand & below
    assert (found & fingers).sum() > 0.8 * fingers.sum()
    gaps = cv2.dilate(hand.astype(np.uint8), np.ones((9, 9))) > 0
    beside = gaps & ~hand & below & ~(cv2.dilate(hand.astype(np.uint8), np.ones((5, 5))) > 0)
    assert (found & beside).mean() < 0.25 * beside.mean()


def test_colours_that_do_not_tell_leave_the_skin_map(mannequin: Callable) -> None:
    person, body, hand = with_hand(Look(width=520), mannequin)
    plain = replace(person, rgb=np.full_like(person.rgb, TONE))
    found = visible_hands(plain, body) > 0.5
    assert (found & hand).sum() > 0.6 * hand.sum()
    assert found.sum() < 3.0 * (visible_hands(person, body) > 0.5).sum()


def test_of_a_bare_belly_round_the_hand_little_is_kept(mannequin: Callable) -> None:
    person, body, hand = with_hand(Look(width=520), mannequin)
    ys, xs = np.mgrid[0 : hand.shape[0], 0 : hand.shape[1]]
    wrist, sw = body.hands[0][0], body.sw
    belly = np.asarray(np.hypot(xs - wrist[0], ys - wrist[1] - 0.2 * sw) < 0.6 * sw)
    rgb = np.where(belly[..., None] & ~hand[..., None], np.uint8([v - 14 for v in TONE]), person.rgb)
    bare = replace(person, rgb=np.ascontiguousarray(rgb), skin=np.maximum(person.skin, belly.astype(np.float32)))
    found = visible_hands(bare, replace(body, hands=(body.hands[0], body.hands[0]))) > 0.5
    assert found.sum() < 0.14 * sw**2
    palm = hand & (ys > wrist[1] + 0.05 * sw) & (ys < wrist[1] + 0.2 * sw)
    assert (found & palm).sum() > 0.8 * palm.sum()


def test_without_skin_there_is_no_hand(mannequin: Callable) -> None:
    person, body, _ = with_hand(Look(width=520), mannequin)
    assert not visible_hands(replace(person, skin=np.zeros_like(person.skin)), body).any()


@pytest.mark.parametrize("arms", ["down", "hips", "raised"])
def test_nothing_beyond_reach_is_a_hand(scene: Callable, mannequin: Callable, arms: str) -> None:
    look = Look(arms=arms, width=380)
    made, drawn = scene(look, "short"), mannequin(look)
    ys, xs = np.mgrid[0 : made.shape[0], 0 : made.shape[1]]
    far = np.ones(made.shape, bool)
    for hand in made.body.hands:
        far &= np.hypot(xs - hand[0, 0], ys - hand[0, 1]) > (REACH + 0.4) * made.body.sw
        assert made.hands[(drawn.selfie == BODY_SKIN) & ~far].max() > 0.9
    assert not made.hands[far].any()


def waist_down() -> tuple[Person, np.ndarray, np.ndarray]:
    """Trousers under a bare belly, a hand on the hip and an arm hanging beside it: person, hands, belly."""
    height, width = 900, 700
    worn, skin = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    cv2.rectangle(worn, (230, 80), (470, 300), 1.0, -1)
    for sign in (-1, 1):
        cv2.rectangle(worn, (350 + sign * 20, 300), (350 + sign * 120, 860), 1.0, -1)
    belly, hands = np.zeros_like(worn), np.zeros_like(worn)
    cv2.rectangle(belly, (240, 0), (460, 79), 1.0, -1)
    cv2.rectangle(hands, (240, 120), (300, 180), 1.0, -1)
    cv2.rectangle(hands, (500, 0), (540, 330), 1.0, -1)
    skin[(belly + hands) > 0] = 1.0
    worn[skin > 0] = 0.0
    rgb = np.full((height, width, 3), WALL, np.uint8)
    rgb[worn > 0], rgb[skin > 0] = CLOTH, TONE
    zero = np.zeros_like(worn)
    return Person(rgb, None, np.maximum(worn, skin), zero, zero, skin, zero, worn, zero), hands > 0, belly > 0


def test_without_joints_hands_are_the_skin_beside_and_on_the_garment() -> None:
    person, hands, belly = waist_down()
    body = body_from_silhouette(person)
    assert body is not None
    found = visible_hands(person, body) > 0.5
    assert (found & hands).sum() > 0.95 * hands.sum()
    assert not (found & cv2.erode(belly.astype(np.uint8), np.ones((9, 9))).astype(bool)).any()


def test_without_joints_and_garment_there_is_no_hand() -> None:
    person, _, _ = waist_down()
    body = body_from_silhouette(person)
    assert body is not None
    assert not visible_hands(replace(person, lower=np.zeros_like(person.lower)), body).any()


def test_the_corners_of_a_cuff_at_the_wrist_are_no_hand_and_fingers_stay() -> None:
    sw = 200.0
    found = np.zeros((300, 300), np.float32)
    found[100:200, 130:170] = 1.0
    for left in (128, 145, 162):
        found[200:250, left : left + 8] = 1.0
    hand = found.copy()
    found[104:112, 122:130] = 1.0
    at = np.array([[150, 110], [150, 180]], np.float32)
    cut = without_cuff(found, at, sw)
    assert cut[104:112, 123:127].max() < 0.1
    far = np.hypot(*(np.indices(hand.shape) - np.array([110, 150])[:, None, None])) > (CUFF + 0.02) * sw
    assert (cut[far] == found[far]).all()
    assert cut[105:, 134:166][hand[105:, 134:166] > 0].min() > 0.9
    assert (without_cuff(found, at + 2000, sw) == found).all()

"""The machine-readable label, read back the way other tools would read it."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fittingroom.images.encode import encode
from fittingroom.images.label import SOURCE_TYPE, Label, read_label, xmp_packet

LABEL = Label(
    "Example Shop", "0d0728ed-f777-4861-aa4b-5a6167daa0b6", "drape", "0.1.0", datetime(2026, 11, 22, 9, 8, 7, 6, UTC)
)
PICTURE = np.zeros((40, 30, 3), np.uint8)


@pytest.fixture(params=["jpeg", "png"])
def file(request):
    return encode(PICTURE, request.param, LABEL, jpeg_quality=95)


def test_the_iptc_fields_say_that_a_machine_took_part(file):
    found = read_label(file)
    assert found["Iptc4xmpExt:DigitalSourceType"] == SOURCE_TYPE
    assert SOURCE_TYPE == "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    assert found["Iptc4xmpExt:AISystemUsed"] == "fittingroom drape"
    assert found["Iptc4xmpExt:AISystemVersionUsed"] == "0.1.0"
    assert found["dc:creator"] == "Example Shop"
    assert found["xmp:CreateDate"] == "2026-11-22T09:08:07+00:00"
    assert found["xmpMM:DocumentID"].endswith(LABEL.content_id)


def test_the_seven_fields_of_the_chinese_standard(file):
    fields = json.loads(read_label(file)["TC260:AIGC"])
    assert fields == {
        "Label": "1",
        "ContentProducer": "Example Shop",
        "ProduceID": LABEL.content_id,
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }


def test_every_place_of_the_chinese_label_says_the_same(file):
    found = read_label(file)
    fields = json.loads(found["TC260:AIGC"])
    assert json.loads(found["EXIF:UserComment"]) == {"AIGC": fields}
    if file.startswith(b"\x89PNG"):
        assert json.loads(found["PNG:AIGC"]) == fields


def test_plain_exif_says_it_too(file):
    found = read_label(file)
    assert found["EXIF:Software"] == "fittingroom 0.1.0 (drape)"
    assert found["EXIF:ImageDescription"].startswith("AI-generated")


def test_the_bytes_lie_where_the_formats_want_them(file):
    if file.startswith(b"\xff\xd8"):
        assert re.search(rb"\xff\xe1..http://ns\.adobe\.com/xap/1\.0/\0<\?xpacket", file, re.DOTALL)
        assert re.search(rb"\xff\xe1..Exif\0\0", file, re.DOTALL)
    else:
        assert b"iTXtXML:com.adobe.xmp\0\0\0\0\0<?xpacket" in file
        assert b"tEXtAIGC\0{" in file
        assert b"eXIf" in file
        assert file.index(b"iTXt") < file.index(b"IDAT")


def test_a_file_without_a_label_reads_as_empty(saved):
    from PIL import Image

    assert read_label(saved(Image.new("RGB", (4, 4)), "PNG")) == {}
    assert read_label(saved(Image.new("RGB", (4, 4)), "JPEG")) == {}


@pytest.mark.parametrize(
    "producer", ["图片公司 91440300708461136T", "A & B <x> \"y\" 'z'", "]]>", "é\u2028", "{}%s", "\x00\x1b\ufffe"]
)
@pytest.mark.parametrize("image_format", ["jpeg", "png"])
def test_any_producers_name_survives(producer, image_format):
    label = Label(producer, "id", "drape", "1", LABEL.created)
    found = read_label(encode(PICTURE, image_format, label, jpeg_quality=95))
    assert json.loads(found["TC260:AIGC"])["ContentProducer"] == producer
    assert json.loads(found["EXIF:UserComment"])["AIGC"]["ContentProducer"] == producer


@given(st.text(max_size=100), st.text(max_size=50))
def test_any_text_gives_well_formed_xmp(producer, content_id):
    packet = xmp_packet(Label(producer, content_id, "drape", "1", LABEL.created))
    assert ElementTree.fromstring(packet).tag == "{adobe:ns:meta/}xmpmeta"


def test_nothing_but_the_label_is_written(file):
    """No thumbnail, no path, no host name, no other metadata."""
    found = read_label(file)
    known = {
        "dc:description", "dc:creator", "xmp:CreatorTool", "xmp:CreateDate", "xmpMM:DocumentID",
        "Iptc4xmpExt:DigitalSourceType", "Iptc4xmpExt:AISystemUsed", "Iptc4xmpExt:AISystemVersionUsed", "TC260:AIGC",
        "EXIF:Software", "EXIF:ImageDescription", "EXIF:UserComment", "PNG:AIGC",
    }  # fmt: skip
    assert set(found) <= known
    assert len(file) < 6000

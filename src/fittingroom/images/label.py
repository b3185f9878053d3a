"""The machine-readable label in every file, with or without the visible mark.

Three readers are served: the IPTC fields that agencies and search engines read (DigitalSourceType and its kin, in
XMP), the seven `AIGC` fields of GB 45438-2025 Annex E at the places that the standard's practice guide names (XMP
namespace TC260; beside it EXIF UserComment in JPEG, a tEXt chunk in PNG), and plain EXIF for everyone else.
DigitalSourceType is always compositeWithTrainedAlgorithmicMedia: by the engine protocol a result is the person photo
with a part of it repainted, never a picture made from nothing. Invariant: nothing about the caller is written, only
who produced the picture, with what, when, and the job's id.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, PngImagePlugin

SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
DESCRIPTION: Final = "AI-generated: a photo whose clothing was replaced by a machine."
LABEL_GENERATED: Final = "1"
"""Annex E, `Label`: the content is AI-generated (2: possibly, 3: suspected)."""

_NAMESPACES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXIF_IFD, _USER_COMMENT, _COLOUR_SPACE = 0x8769, 0x9286, 0xA001
_DESCRIPTION_TAG, _SOFTWARE_TAG, _DATE_TAG = 0x010E, 0x0131, 0x0132
_XML_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Label:
    """What a file says of its origin.

    producer: the operator's name or registration code. content_id: the job's id. engine, version: what made it.
    created: with a time zone.
    """

    producer: str
    content_id: str
    engine: str
    version: str
    created: datetime

    @property
    def software(self) -> str:
        """`fittingroom 0.1.0 (drape)`."""
        return f"fittingroom {self.version} ({self.engine})"

    def aigc(self) -> str:
        """The seven fields of GB 45438-2025 Annex E as ASCII JSON. Those of a later propagator stay empty."""
        fields = {
            "Label": LABEL_GENERATED,
            "ContentProducer": self.producer,
            "ProduceID": self.content_id,
            "ReservedCode1": "",
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        }
        return json.dumps(fields, separators=(",", ":"))


def xmp_packet(label: Label) -> bytes:
    """The XMP packet, UTF-8."""
    properties = {
        "dc:description": f'<rdf:Alt><rdf:li xml:lang="x-default">{DESCRIPTION}</rdf:li></rdf:Alt>',
        "dc:creator": f"<rdf:Seq><rdf:li>{_text(label.producer)}</rdf:li></rdf:Seq>",
        "xmp:CreatorTool": _text(label.software),
        "xmp:CreateDate": label.created.isoformat(timespec="seconds"),
        "xmpMM:DocumentID": _text(f"urn:fittingroom:{label.content_id}"),
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        "Iptc4xmpExt:AISystemUsed": _text(f"fittingroom {label.engine}"),
        "Iptc4xmpExt:AISystemVersionUsed": _text(label.version),
        "TC260:AIGC": _text(label.aigc()),
    }
    spaces = "".join(f" xmlns:{name}={quoteattr(uri)}" for name, uri in _NAMESPACES.items())
    body = "".join(f"<{name}>{value}</{name}>" for name, value in properties.items())
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""{spaces}>{body}</rdf:Description></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="r"?>'
    )
    return packet.encode()


def exif_block(label: Label) -> bytes:
    """The EXIF block: description, software, date, sRGB, and the AIGC fields as UserComment."""
    exif = Image.Exif()
    exif[_DESCRIPTION_TAG] = DESCRIPTION
    exif[_SOFTWARE_TAG] = label.software
    exif[_DATE_TAG] = label.created.strftime("%Y:%m:%d %H:%M:%S")
    comment = b"ASCII\0\0\0" + b'{"AIGC":' + label.aigc().encode("ascii") + b"}"
    exif.get_ifd(_EXIF_IFD).update({_USER_COMMENT: comment, _COLOUR_SPACE: 1})
    return exif.tobytes()


def png_chunks(label: Label) -> PngImagePlugin.PngInfo:
    """The text chunks of a PNG: XMP as iTXt, the AIGC fields as tEXt."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp_packet(label).decode())
    info.add_text("AIGC", label.aigc())
    return info


def read_label(data: bytes) -> dict[str, str]:
    """The label of a finished file, as a flat mapping: XMP names (`Iptc4xmpExt:DigitalSourceType`), `EXIF:Software`,
    `EXIF:ImageDescription`, `EXIF:UserComment`, and `PNG:AIGC`. Absent fields are absent. For the project's own files;
    raises what Pillow and the XML parser raise on others.
    """
    with Image.open(BytesIO(data)) as image:
        image.load()
        found = _read_xmp(image.info.get("xmp") or image.info.get("XML:com.adobe.xmp"))
        exif = image.getexif()
        comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, b"")
        fields = {
            "EXIF:Software": exif.get(_SOFTWARE_TAG),
            "EXIF:ImageDescription": exif.get(_DESCRIPTION_TAG),
            "EXIF:UserComment": bytes(comment)[8:].decode("ascii"),
            "PNG:AIGC": image.info.get("AIGC"),
        }
    return found | {name: str(value) for name, value in fields.items() if value}


def _read_xmp(packet: bytes | str | None) -> dict[str, str]:
    if not packet:
        return {}
    root = ElementTree.fromstring(packet)  # noqa: S314 - written by this project
    prefixes = {uri: name for name, uri in _NAMESPACES.items()}
    found = {}
    for node in root.iter(f"{{{_RDF}}}Description"):
        for child in node:
            uri, _, name = child.tag[1:].partition("}")
            found[f"{prefixes[uri]}:{name}"] = "".join(child.itertext())
    return found


def _text(value: str) -> str:
    """As XML character data; characters that XML cannot hold are dropped."""
    return escape(_XML_FORBIDDEN.sub("", value))

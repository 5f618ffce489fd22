"""Web push against the worked example of the standard, and against a receiver of our own."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from leadline.lib import web_push
from leadline.lib.web_push import NotAKey, Receiver
from tests.delivery.push_service import Reader

# RFC 8291, appendix A.
THEIRS = Receiver(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def test_the_worked_example_of_the_standard_comes_out_to_the_byte() -> None:
    number = int.from_bytes(web_push.decoded(OWN), "big")
    own = ec.derive_private_key(number, ec.SECP256R1())
    words = b"When I grow up, I want to be a watermelon"
    salt = web_push.decoded(SALT)
    assert web_push.encrypt(words, to=THEIRS, own=own, salt=salt) == web_push.decoded(BODY)


def test_each_message_is_sealed_anew_and_only_its_reader_opens_it() -> None:
    reader = Reader.new()
    bodies = [web_push.encrypt("Grüße".encode(), to=reader.receiver) for _ in range(2)]
    assert bodies[0] != bodies[1]
    assert [reader.open(body).decode() for body in bodies] == ["Grüße"] * 2
    assert len(web_push.encrypt(b"x" * web_push.LONGEST, to=reader.receiver)) == 4_096
    with pytest.raises(ValueError, match="one push holds"):
        web_push.encrypt(b"x" * (web_push.LONGEST + 1), to=reader.receiver)


def test_the_signature_names_the_service_and_can_be_checked() -> None:
    key = web_push.key_from("a secret")
    header = web_push.authorization(
        "https://push.example:8443/send/1?x=2", key=key, contact="mailto:a@b.example", until_s=99
    )
    token, public = header.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    assert json.loads(web_push.decoded(head))["alg"] == "ES256"
    assert json.loads(web_push.decoded(claims)) == {
        "aud": "https://push.example:8443", "exp": 99, "sub": "mailto:a@b.example",
    }  # fmt: skip
    raw = web_push.decoded(signature)
    der = utils.encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), web_push.decoded(public))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_the_key_follows_from_the_secret() -> None:
    same = [web_push.public_text(web_push.key_from("a")) for _ in range(2)]
    assert same[0] == same[1] != web_push.public_text(web_push.key_from("b"))


@pytest.mark.parametrize(
    "receiver",
    [
        Receiver("", ""),
        Receiver("%%%", THEIRS.auth),
        Receiver(THEIRS.p256dh, "AAAA"),
        Receiver("ü", THEIRS.auth),
        Receiver(base64.urlsafe_b64encode(b"\4" + b"\1" * 64).decode(), THEIRS.auth),
    ],
)
def test_what_is_no_key_is_refused(receiver: Receiver) -> None:
    with pytest.raises(NotAKey):
        web_push.check(receiver)

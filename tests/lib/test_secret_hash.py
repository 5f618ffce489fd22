"""Secrets are kept as digests, identifiers only under a pepper."""

import pytest

from leadline.lib import secret_hash


def test_a_digest_matches_its_secret_only() -> None:
    # FIPS 180-2, appendix B.1
    assert secret_hash.digest("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    stored = secret_hash.digest("correct")
    assert secret_hash.matches("correct", stored)
    assert not secret_hash.matches("Correct", stored)
    assert not secret_hash.matches("correct", "")
    assert not secret_hash.matches("", "")


def test_a_keyed_hash_needs_its_pepper() -> None:
    # RFC 4231, test case 2
    assert secret_hash.keyed("what do ya want for nothing?", "Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert secret_hash.keyed("a@b.co", b"one") != secret_hash.keyed("a@b.co", b"two")
    with pytest.raises(ValueError, match="pepper"):
        secret_hash.keyed("a@b.co", "")

"""The registered domain of a host, without asking the network."""

import pytest

from leadline.lib import domain_name


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("example.com", "example.com"),
        ("mail.acme.example.com", "acme.example.com"),
        ("badexample.com", "badexample.com"),
        ("www.shop.Example.co.uk", "example.co.uk"),
        ("https://www.example.com.br/x?y#z", "example.com.br"),
        ("https://münchen.de", "xn--mnchen-3ya.de"),
        ("co.uk", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("http://[::1]/", None),
        ("", None),
        ("javascript:alert(1)", None),
        ("a b.com", None),
        ("x" * 100_000, None),
    ],
)
def test_a_host_has_its_registered_domain(written: str, domain: str | None) -> None:
    assert domain_name.registered_domain(written) == domain

"""Personal data goes, facts stay: what a masked ticket still says and what it no longer can."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.conversation import Article, Conversation, Message
from index.errors import UserError
from index.prepare import Prepared, prepare
from index.redact import Redactor, redact, redact_source


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail ana.ruiz+x@mail.example please", "Mail <EMAIL_1> please"),
        ("ana (at) mail (dot) com", "<EMAIL_1>"),
        ("Call +49 171 1234567.", "Call <PHONE_1>."),
        ("Reach me on +44 7700 900123", "Reach me on <PHONE_1>"),
        ("(415) 555-0132 any time", "<PHONE_1> any time"),
        ("My number is 0171 1234567", "My number is <PHONE_1>"),
        ("Tel. 089/1234567", "Tel. <PHONE_1>"),
        ("call me: 01 23 45 67 89", "call me: <PHONE_1>"),
        ("teléfono 612 345 678", "teléfono <PHONE_1>"),
        ("Card 4111 1111 1111 1111 was charged", "Card <CARD_1> was charged"),
        ("5500-0000-0000-0004", "<CARD_1>"),
        ("(4111 1111 1111 1111, exp 09/28)", "(<CARD_1>, exp 09/28)"),
        ("+49 176 5550 2210", "<PHONE_1>"),
        ("token dGhpc2lzMTIz", "token <KEY_1>"),
        ("amex 378282246310005", "amex <CARD_1>"),
        ("on 2025-03-01 4111 1111 1111 1111", "on 2025-03-01 <CARD_1>"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN <IBAN_1> please"),
        ("gb82west12345698765432", "<IBAN_1>"),
        ("My ip is 84.23.11.9", "My ip is <IP_1>"),
        ("2001:db8::8a2e:370:7334 is mine", "<IP_1> is mine"),
        ("SSN 123-45-6789", "SSN <SSN_1>"),
        ("social security number is 123 45 6789", "social security number is <SSN_1>"),
        ("key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "key <KEY_1>"),
        ("AKIAIOSFODNN7EXAMPLE", "<KEY_1>"),
        ("my password: hunter22x.", "my password: <KEY_1>."),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "<KEY_1>"),
        ("a1b2c3d4e5f60718293a4b5c6d7e8f90", "<KEY_1>"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\nx\n-----END RSA PRIVATE KEY-----", "<KEY_1>"),
        ("open https://x.example/reset?token=abc123def.", "open <LINK_1>."),
        ("https://x.example/reset-password/8f3a9c1d77e24b", "<LINK_1>"),
        ("https://ana:secret1@x.example/feed", "<LINK_1>"),
        ("I was born on 3 March 1985", "I was born on <BIRTHDATE_1>"),
        ("DOB: 03/04/1985", "DOB: <BIRTHDATE_1>"),
        ("Geburtsdatum 1.3.1985", "Geburtsdatum <BIRTHDATE_1>"),
        ("né le 12/05/1990", "né le <BIRTHDATE_1>"),
        ("1985-03-01 is my birthday", "<BIRTHDATE_1> is my birthday"),
        ("Hi Jonas, my hub is red", "Hi <NAME_1>, my hub is red"),
        ("Hallo Frau Weber,\nmein Hub", "Hallo Frau <NAME_1>,\nmein Hub"),
        ("All good.\nBest regards,\nPriya", "All good.\nBest regards,\n<NAME_1>"),
        ("Thanks, Maria", "Thanks, <NAME_1>"),
        ("Hi Mark, will you mark it?", "Hi <NAME_1>, will you mark it?"),
        ("Hi Priya I need help, Priya", "Hi <NAME_1> I need help, <NAME_1>"),
        ("my name is Alexis Ruiz and", "my name is <NAME_1> and"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert redact(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "E-23, PAY-409, 0x80070005, KB5034441 and 4111-222",
        "order W2204817, #10234, RMA-12345, ticket T-1042",
        "order number 4111111111111111",
        "order 0171 1234567",
        "serial number 0012345678",
        "error 1234567890",
        "tracking number 9400111899223100001234",
        "1Z999AA10123456784",
        "JD014600003828475943",
        "invoice 2025-000123456",
        "version 12.4.1",
        "firmware 12.4.1.0",
        "12.4.1.0 firmware",
        "v10.0.19045.3803",
        "89.00 EUR, 1,234,567 items, 2,300 W (10 A), 8-24 V AC, 1 299 000",
        "2025-03-01 09:12 and 01/03/2025",
        "between 8:00 and 20:00 on 12.03.2025",
        "10-12 days, 3-5 working days",
        "12:34:56",
        "Open 192.168.0.1",
        "MAC aa:bb:cc:dd:ee:ff",
        "std::vector a::b",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "https://shop.example/orders/W2204817",
        "IMG_20250301_123456789.jpg",
        "Password reset does not work",
        "E-07 means the Wi-Fi password is wrong",
        "the token expired yesterday",
        "Hi there, my hub",
        "Hi Can you help",
        "Hi Wifi is down",
        "Dear Support,",
        "Thanks again,",
        "Thank you. Bye",
        "I will mark it in may",
        "Best. May I ask?",
        "1 2 3 4 5 6 7 8 9",
        "Sent 3 times 10 20 30",
        "Account > Orders > Invoice (PDF)",
        "the order with the number 732201349959",
        "Tracking: RS 6620 4471 08",
        "AdventureWorks2019_Database",
        "SAP_DotNetConnector3_Net40_x64",
        "see authentication2.png",
        '"ProductVersion": "2.139.0.0"',
        "Best Western",
        "Hi, I'd like to know",
        "when I am AWAY from home",
    ],
)
def test_facts_of_the_trade_stay(text: str) -> None:
    assert redact(text).text == text


def test_one_value_has_one_placeholder_however_it_is_written() -> None:
    masked = redact(
        "4111 1111 1111 1111 or 4111111111111111; +49 30 901820 / 0049 30 901820, phone 030 901820; "
        "A@x.example, a@X.example"
    )
    assert masked.text == "<CARD_1> or <CARD_1>; <PHONE_1> / <PHONE_1>, phone <PHONE_1>; <EMAIL_1>, <EMAIL_1>"
    assert masked.counts == {"card": 2, "phone": 3, "email": 2}


def test_names_of_the_ticket_go_in_full_and_in_part() -> None:
    redactor = Redactor(["Ana Ruiz", "Will Gray", "Zoë Müller"])
    masked = redactor.redact(
        "Ana and RUIZ: will the gray hub do? Will Gray says so. Zoe, Mr Müller; banana, Anabel, don't."
    )
    assert masked == (
        "<NAME_1> and <NAME_1>: will the gray hub do? <NAME_2> says so. <NAME_3>, Mr <NAME_3>; banana, Anabel, don't."
    )


def test_placeholders_stay_and_new_ones_go_on_counting() -> None:
    assert redact("<EMAIL_3> and a@x.example, <NAME_2>").text == "<EMAIL_3> and <EMAIL_4>, <NAME_2>"


def test_the_house_keeps_its_own_addresses() -> None:
    redactor = Redactor(known=["help@shop.example", "shop.example", "+49 800 1234567", "Wrenhouse"])
    text = "Hello Wrenhouse, write to help@shop.example or mara@shop.example, call +49 800 1234567"
    assert redactor.redact(text) == text
    assert redactor.redact("help@other.example") == "<EMAIL_1>"


pieces = st.sampled_from(
    [
        "+49 171 1234567",
        "4111 1111 1111 1111",
        "a@x.example",
        "DE89370400440532013000",
        "84.23.11.9",
        "Hi Jonas,",
        "\n",
        "Best,\nAna",
        "token=",
        "https://x.example/?token=a1b2c3d4",
        "born 1.3.1985",
        "<NAME_1>",
        "-",
        ".",
        "W2204817",
        "my name is",
    ]
) | st.text(max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces, max_size=8).map(" ".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


def conversation(*texts: str, **fields: Any) -> Conversation:
    messages = [Message("agent" if place % 2 else "customer", text) for place, text in enumerate(texts)]
    return Conversation("T-1", tuple(messages), **fields)


def test_a_conversation_is_masked_as_one() -> None:
    source = conversation(
        "I am at ana@mail.example",
        "Hi Ana, is it ana@mail.example? Could you tell me your name?",
        "Ana Ruiz-Bell",
        "Thanks Ana.\n\nBest,\nPriya",
        "Priya is great",
        subject="For Ana Ruiz-Bell",
        customer_id="ana@mail.example",
        customer_name="Ana Ruiz-Bell",
        extra={"customer": {"email": "ana@mail.example"}, "contact_id": "+49 171 1234567"},
    )
    masked, counts = redact_source(source)
    assert isinstance(masked, Conversation)
    assert [message.text for message in masked.messages] == [
        "I am at <EMAIL_1>",
        "Hi <NAME_1>, is it <EMAIL_1>? Could you tell me your name?",
        "<NAME_1>",
        "Thanks <NAME_1>.\n\nBest,\n<NAME_2>",
        "<NAME_2> is great",
    ]
    assert masked.subject == "For <NAME_1>"
    assert (masked.id, masked.customer_id, masked.customer_name) == ("T-1", "ana@mail.example", None)
    assert masked.extra == {"customer": {"email": "<EMAIL_1>"}, "contact_id": "+49 171 1234567"}
    assert counts["email"] == 3


def test_articles_are_published_words_and_stay() -> None:
    article = Article("KB-1", "Call us", "Call +49 800 1234567 or write to help@shop.example.")
    assert redact_source(article) == (article, {})


def test_preparing_cleans_bares_masks_and_says_so() -> None:
    source = conversation(
        "\u202eHub is red\x1b[2J", "Hold reset.\n\nKind regards,\nPriya", "\u200b", "Priya said: call +49 171 1234567"
    )
    prepared = prepare(source)
    assert isinstance(prepared.source, Conversation)
    assert [m.text for m in prepared.source.messages] == ["Hub is red", "Hold reset.", "<NAME_1> said: call <PHONE_1>"]
    assert (prepared.removed, prepared.dropped, prepared.masked) == (3, 1, {"name": 1, "phone": 1})


def test_preparing_twice_changes_nothing_more() -> None:
    source = conversation("Hi Priya,\nmail a@x.example\n\nBest,\nAna", "Hello Ana,\nok\n-- \nPriya")
    once = prepare(source).source
    assert prepare(once) == Prepared(once)


def test_a_picture_without_words_is_kept() -> None:
    source = Conversation("T-1", (Message("customer", "", attachments=("a.png",)),))
    assert prepare(source) == Prepared(source)


def test_a_conversation_of_invisible_words_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        prepare(conversation("\u200b\u202e"))
    assert caught.value.kind == "EMPTY"


@pytest.mark.parametrize(
    "piece", ["1 ", "1.", "a@", "(0", "Hi A", "token=", "https://a.b/", "Ana ", "::", "born ", "x" * 50, "1-", "DE89 "]
)
def test_hostile_length_costs_little(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.perf_counter()
    redact(text, ["Ana Ruiz"])
    assert time.perf_counter() - began < 5

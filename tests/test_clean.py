"""What reaches the store is what a person would read: nothing hidden, nothing that acts, no mail trimmings."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean, clean_counted
from index.mail import strip_mail


@pytest.mark.parametrize(
    ("dirty", "left"),
    [
        ("a\x1b]52;c;aGVsbG8=\x07b", "ab"),
        ("a\x1b[2Jb\x9b31mc", "abc"),
        ("a\x1bPq#0\x1b\\b\x1b_x\x9cc", "abc"),
        ("bell\x07 nul\x00 del\x7f c1\x85", "bell nul del c1"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("z\u200be\u2060r\ufeffo", "zero"),
        ("tag\U000e0041\U000e0042 vs\U000e0101", "tag vs"),
        ("half\ud800", "half"),
        ("filler\u3164\u115f\uffa0", "filler"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("cafe\u0301", "café"),
        ("tab\tstays", "tab\tstays"),
        (
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467 می\u200cخواهم",
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467 می\u200cخواهم",
        ),
        ("<|im_end|> [/foo] [@click=app.quit]x[/]", "<|im_end|> [/foo] [@click=app.quit]x[/]"),
    ],
)
def test_only_what_acts_or_hides_is_removed(dirty: str, left: str) -> None:
    assert clean(dirty) == left


def test_what_was_removed_is_counted() -> None:
    assert clean_counted("a\x1b[2Jb\u200b\u200bc") == ("abc", 3)


@given(st.text(st.characters()))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")


QUESTION = "My hub shows a red light. What can I do?"


@pytest.mark.parametrize(
    "trimmings",
    [
        "\n\nOn Mon, Mar 3, 2025 at 9:12 AM, Mara <mara@shop.example> wrote:\n> Hold reset.\n> Bye\n",
        "\n\nOn Mon, Mar 3, 2025 at 9:12 AM, Mara from the support desk\n<m@shop.example>\nwrote:\n\nHold it.",
        "\n\nAm 03.03.2025 um 09:12 schrieb Mara Weiss <m@shop.example>:\nBitte neu starten.",
        "\n\nLe lun. 3 mars 2025 à 09:12, Mara <m@shop.example> a écrit :\n> Bonjour",
        "\n\nEl lun, 3 mar 2025 a las 9:12, Mara (<m@shop.example>) escribió:\n> Hola",
        "\n\n-----Original Message-----\nFrom: Mara\nHold reset.",
        "\n\n-----Ursprüngliche Nachricht-----\nVon: Mara\nBitte neu starten.",
        "\n\n________________________________\nFrom: Mara <m@shop.example>\nSent: Monday, March 3, 2025 9:12 AM\n"
        "To: Ana\nSubject: Hub\n\nHold it.",
        "\n\nVon: Mara\nGesendet: Montag, 3. März 2025\nAn: Ana\nBetreff: Hub\n\nBitte.",
        "\n\nDe : Mara\nEnvoyé : lundi 3 mars\nÀ : Ana\nObjet : Hub\n\nBonjour.",
        "\n\nDe: Mara\nEnviado: lunes\nPara: Ana\nAsunto: Hub\n\nHola.",
        "\n\n##- Please type your reply above this line -##\nYour request has been received.",
        "\n\n> You wrote before:\n> nothing works",
        "\n\n-- \nAna Ruiz\nExample Ltd, 1 Sample Street",
        "\n\nKind regards,\nAna Ruiz\nHead of Things\n+49 30 1234567",
        "\n\nMit freundlichen Grüßen\nAna Ruiz",
        "\n\nCordialement,\nAna",
        "\n\nUn saludo,\nAna",
        "\n\nThanks,\nAna",
        "\n\nSent from my iPhone",
        "\n\nVon meinem iPhone gesendet",
        "\n\nGet Outlook for Android",
        "\n\nBest,\nAna\n\nSent from my iPad\n\nOn 3 Mar 2025, at 09:12, Mara wrote:\n> Hello",
        "\n\nThis e-mail and any attachments are confidential and intended for the recipient only.\n\n"
        "Please consider the environment before printing.",
    ],
)
def test_mail_trimmings_go_and_the_question_stays(trimmings: str) -> None:
    assert strip_mail(QUESTION + trimmings) == QUESTION


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "Thanks!\nIt works now, but the plug blinks red. What is it?",
        "Thanks,\n\nthe hub is fine now. One more thing: it blinks.",
        "My lock jams.\n\nBest,\nAna\n\nPS: the hub is red too",
        "Kind regards,\nAna",
        "> one\n> two",
        "Go to Settings\n> Wi-Fi\nand choose yours.",
        "From: my hub\nto the app it takes a minute",
        "On Monday the man wrote: nothing.\nIs that normal?",
        "Options:\n--\nfirst?\nsecond?",
        "The environment light is on.\nPlease consider the order.",
        "Cheers for the quick help.\nWhere do I send it from my office in town\nand when?",
    ],
)
def test_what_a_person_says_is_not_taken_for_trimmings(text: str) -> None:
    assert strip_mail(text) == text


def test_answers_between_quotations_stay() -> None:
    text = "> Is the light on?\n> And the cable?\nYes, it is.\n> Did you reset?\n> Twice?\nI did."
    assert strip_mail(text) == "Yes, it is.\nI did."
    below = "On 3 Mar 2025, Mara wrote:\n> Hold reset.\n> Then wait.\n\nThat did not help."
    assert strip_mail(below) == "That did not help."


lines = st.sampled_from(
    [
        "Kind regards,",
        "Ana Ruiz",
        "-- ",
        "> quoted",
        "On 3 Mar 2025, Mara wrote:",
        "Sent from my iPhone",
        "",
        QUESTION,
        "-----Original Message-----",
        "From: Mara",
        "Sent: Monday",
        "To: Ana",
        "This e-mail is confidential",
        "Thanks,",
        "PS: one more",
    ]
) | st.text(max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, max_size=12).map("\n".join))
def test_stripping_never_empties_never_grows_and_settles(text: str) -> None:
    once = strip_mail(text)
    assert strip_mail(once) == once
    assert len(once) <= len(text)
    assert bool(once.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "piece", ["> a\n", "On 3 Mar ", "From: a\n", "Thanks,\n", "-- \n", "\x1b]", "This e-mail is ", "\n \n"]
)
def test_hostile_length_costs_little(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.perf_counter()
    strip_mail(clean(text))
    assert time.perf_counter() - began < 5

"""What was promised reaches every target, whatever the target does; the customer is told the truth meanwhile."""

from __future__ import annotations

import json
import logging
import os
import shutil
import ssl
import subprocess
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from handover_doubles import (
    MailServer,
    certificate,
    dripping_server,
    free_port,
    mail_server,
    promise,
    silent_server,
    web_server,
)

from agent import webhook
from agent.courier import MOST_TRIES, PAUSES, Courier
from agent.handover import Delivery
from agent.journal import Journal
from agent.queue import HandoverQueue
from agent.settings import load_settings
from agent.targets import NotDelivered, reachable, targets_from
from index.errors import UserError
from index.store import Store, open_store
from tests.ticket_files import trouble


@pytest.fixture
def store(own_home: Path) -> Store:
    return open_store(own_home)


def courier(store: Store, **settings: str) -> Courier:
    """A courier for these settings."""
    return Courier(store, "default", targets_from(load_settings(settings)), patience=2.0)


def the(store: Store, number: int = 1) -> Delivery:
    (delivery,) = HandoverQueue(store, "default").one(number).deliveries
    return delivery


def told(store: Store) -> list[str]:
    return [turn.answer for turn in Journal(store, "default").turns("chat-1") if turn.decision.act == "told"]


def steps(store: Store) -> list[tuple[str, str]]:
    return [(step.step, step.why) for step in HandoverQueue(store, "default").steps(1)]


def due_now(store: Store) -> None:
    """As if the pause were over."""
    with store.write() as db:
        db.execute("UPDATE deliveries SET next_at = 0 WHERE state = 'due'")


# The webhook


def test_a_webhook_gets_the_page_once_with_key_and_secret(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_WEBHOOK_KEY", "k3y")
    with web_server() as server:
        promise(store, "webhook", question="I want a person <now>")
        carrier = courier(store, handover_webhook=server.url)
        assert carrier.deliver_due() == 1
        assert carrier.deliver_due() == 0
        (asked,) = server.asked
        assert asked.path == "/hooks/s3cret-path"
        assert asked.headers["authorization"] == "Bearer k3y"
        assert asked.headers["host"] == f"127.0.0.1:{server.port}"
        assert asked.headers["idempotency-key"] == asked.page["key"] == the(store).key
        assert asked.page["question"] == "I want a person <now>"
        assert asked.page["messages"][0] == {"who": "Customer", "text": "I want a person <now>"}
    assert the(store).state == "sent"
    assert steps(store)[-1] == ("delivered", "webhook: status 200")
    assert told(store) == []  # all went as promised: nothing to add


def test_a_webhook_that_is_down_is_told_to_the_customer_and_tried_again_with_the_same_key(store: Store) -> None:
    with web_server(503, 500, 201) as server:
        promise(store, "webhook")
        carrier = courier(store, handover_webhook=server.url)
        pauses = []
        for _ in range(3):
            began = time.time()
            assert carrier.deliver_due() == 1
            pauses.append(the(store).next_at - began)
            due_now(store)
        assert carrier.deliver_due() == 0
        assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert pauses[0] == pytest.approx(PAUSES[0], abs=2)
    assert pauses[1] == pytest.approx(PAUSES[1], abs=2)
    assert [step for step, _ in steps(store)] == ["send", "not delivered", "not delivered", "delivered"]
    first, last = told(store)  # the first trouble and the good end; not every try
    assert "has not gone out yet" in first
    assert "has gone out now" in last


def test_a_new_process_goes_on_where_the_last_one_stopped(store: Store) -> None:
    with web_server(500, 200) as server:
        promise(store, "webhook")
        courier(store, handover_webhook=server.url).deliver_due()
        key = the(store).key
        store.close()
        again = open_store(store.home)
        due_now(again)
        assert courier(again, handover_webhook=server.url).deliver_due() == 1
        assert [asked.headers["idempotency-key"] for asked in server.asked] == [key, key]
    assert the(again).state == "sent"


@pytest.mark.parametrize(("status", "again"), [(400, False), (401, False), (404, False), (302, False), (307, False)])
@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "file:///etc/passwd"])
def test_what_will_not_get_better_is_given_up_and_said(store: Store, status: int, again: bool, location: str) -> None:
    with web_server(status, headers={"Location": location}) as server:
        promise(store, "webhook")
        courier(store, handover_webhook=server.url).deliver_due()
        assert len(server.asked) == 1  # no redirect was followed
    delivery = the(store)
    assert delivery.state == "failed"
    assert str(status) in delivery.trouble
    assert "s3cret" not in delivery.trouble
    (text,) = told(store)
    assert "did not go out" in text
    assert "waits in our queue" in text


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_what_may_get_better_is_tried_again(store: Store, status: int) -> None:
    with web_server(status, headers={"Retry-After": "120"}) as server:
        promise(store, "webhook")
        courier(store, handover_webhook=server.url).deliver_due()
    assert the(store).state == "due"
    assert the(store).next_at == pytest.approx(time.time() + 120, abs=5)


def test_a_webhook_nobody_listens_at_is_tried_again(store: Store) -> None:
    promise(store, "webhook")
    courier(store, handover_webhook=f"http://127.0.0.1:{free_port()}/x").deliver_due()
    assert (the(store).state, the(store).tries) == ("due", 1)
    assert "cannot be reached" in the(store).trouble


def test_a_webhook_that_hangs_or_drips_costs_its_time_and_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "SILENCE_SECONDS", 0.4)
    promise(store, "webhook")
    with silent_server() as port:
        began = time.monotonic()
        courier(store, handover_webhook=f"http://127.0.0.1:{port}/x").deliver_due()
        assert time.monotonic() - began < 3
    assert "in time" in the(store).trouble
    due_now(store)
    with dripping_server() as port:
        began = time.monotonic()
        courier(store, handover_webhook=f"http://127.0.0.1:{port}/x").deliver_due()
        assert time.monotonic() - began < 5
    assert "did not answer within" in the(store).trouble
    assert the(store).state == "due"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://host/x", "gopher://host", "https://", "notanaddress", "http://:80/", "https://[::1"],
)
def test_only_web_addresses_are_taken(url: str) -> None:
    error = trouble(lambda: targets_from(load_settings({"handover_webhook": url})))
    assert error.kind == "CONFIG"
    assert error.message.startswith("handover_webhook must be an address like")


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "224.0.0.1",
        "[fd00:ec2::254]",
        "2852039166",
    ],
)
def test_no_notice_goes_where_cloud_machines_keep_their_keys(store: Store, host: str) -> None:
    promise(store, "webhook")
    courier(store, handover_webhook=f"http://{host}/latest/meta-data").deliver_due()
    assert the(store).state == "failed"
    assert "no notice is sent to" in the(store).trouble


def test_a_password_in_an_address_is_refused_and_never_shown() -> None:
    for name, url in (("handover_webhook", "https://jo:pa55@host/x"), ("mail_server", "smtp://jo:pa55@host")):
        settings = load_settings({name: url, "handover_mail": "a@b.example" if "mail" in name else ""})
        error = trouble(lambda settings=settings: targets_from(settings))
        assert "pa55" not in error.message
        assert "DESKSIDE_" in error.message


def test_a_plain_webhook_far_away_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "reachable", lambda host, port: ["93.184.216.34"])
    (target,) = targets_from(load_settings({"handover_webhook": "http://far.example/x"})).values()
    with pytest.raises(NotDelivered, match="https only"):
        target.deliver(None)  # type: ignore[arg-type]


def test_secrets_are_in_no_log_and_no_row(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DESKSIDE_WEBHOOK_KEY", "k3y-of-the-house")
    monkeypatch.setenv("DESKSIDE_MAIL_USER", "desk")
    monkeypatch.setenv("DESKSIDE_MAIL_PASSWORD", "pa55-of-the-house")
    caplog.set_level(logging.DEBUG)
    double = MailServer(login=("desk", "other"), refuse={})
    with web_server(500) as server, mail_server(double):
        promise(store, "webhook", "mail")
        settings = {"handover_webhook": server.url, "handover_mail": "team@house.example", "mail_server": double.url}
        courier(store, **settings).deliver_due()
    seen = (
        caplog.text + json.dumps(store.rows("SELECT * FROM deliveries")) + json.dumps(steps(store)) + str(told(store))
    )
    for secret in ("k3y-of-the-house", "pa55-of-the-house", "s3cret-path"):
        assert secret not in seen


# E-mail


def mailed(store: Store, double: MailServer) -> None:
    settings = {"handover_mail": "team@house.example, boss@house.example", "mail_server": double.url}
    courier(store, **settings, mail_from="desk@house.example").deliver_due()


def test_a_mail_holds_the_page_and_its_json(store: Store) -> None:
    double = MailServer()
    with mail_server(double):
        promise(store, "mail", question="My plug is smoking\nSubject: not me")
        mailed(store, double)
    (mail,) = double.mails
    assert double.recipients == [["team@house.example", "boss@house.example"]]
    assert mail["Subject"].startswith("[urgent] Hand-over 1: My plug is smoking")
    assert mail["Message-ID"] == f"<{the(store).key}@house.example>"
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert "## The matter" in body.get_content()
    (page,) = [part for part in mail.iter_attachments() if part.get_content_type() == "application/json"]
    assert json.loads(page.get_content())["priority"] == "urgent"
    assert steps(store)[-1] == ("delivered", "mail: taken for 2 of 2")


@pytest.mark.parametrize(
    ("refuse", "state", "word"),
    [
        ({"RCPT": 550}, "failed", "takes no mail for these addresses (status 550)"),
        ({"RCPT": 451}, "due", "status 451"),
        ({"MAIL": 421}, "due", "status 421"),
        ({"MAIL": 553}, "failed", "status 553"),
        ({"DATA": 552}, "failed", "status 552"),
    ],
)
def test_a_mail_server_that_refuses_is_given_up_or_tried_again(
    store: Store, refuse: dict[str, int], state: str, word: str
) -> None:
    double = MailServer(refuse=refuse)
    with mail_server(double):
        promise(store, "mail")
        mailed(store, double)
    assert the(store).state == state
    assert word in the(store).trouble
    assert len(told(store)) == 1
    assert double.mails == []


def test_a_mail_server_that_is_down_or_silent_is_tried_again(store: Store) -> None:
    promise(store, "mail")
    mailed(store, MailServer(port=free_port()))
    assert "cannot be reached" in the(store).trouble
    due_now(store)
    with silent_server() as port:
        mailed(store, MailServer(port=port))
    assert "did not answer within" in the(store).trouble
    assert the(store).state == "due"


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
def test_a_login_goes_over_tls_and_a_wrong_one_is_given_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    monkeypatch.setenv("DESKSIDE_MAIL_USER", "desk")
    monkeypatch.setenv("DESKSIDE_MAIL_PASSWORD", "pa55")
    double = MailServer(tls=context, login=("desk", "pa55"))
    with mail_server(double):
        promise(store, "mail")
        mailed(store, double)  # a certificate that nobody trusts
        assert "certificate is not trusted" in the(store).trouble
        assert double.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        due_now(store)
        mailed(store, double)
        assert the(store).state == "sent"
        assert (double.safe, double.logins) == ([True], [("desk", "pa55")])
        monkeypatch.setenv("DESKSIDE_MAIL_PASSWORD", "wr0ng")
        promise(store, "mail", chat="chat-2")
        mailed(store, double)
    assert the(store, 2).state == "failed"
    assert "DESKSIDE_MAIL_PASSWORD" in the(store, 2).trouble
    assert "wr0ng" not in the(store, 2).trouble


def test_a_mail_server_without_tls_elsewhere_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent import mailing

    double = MailServer()
    with mail_server(double):
        monkeypatch.setattr(mailing, "_is_here", lambda address: False)
        settings = load_settings({"handover_mail": "team@house.example", "mail_server": double.url})
        (target,) = targets_from(settings).values()
        with pytest.raises(NotDelivered, match="no TLS"):
            target.deliver(None)  # type: ignore[arg-type]
    assert double.mails == []


@pytest.mark.parametrize(
    "settings", [{"handover_mail": "nobody"}, {"handover_mail": "a@b.example", "mail_server": "host"}]
)
def test_a_mail_that_could_never_work_is_a_setting_to_correct(settings: dict[str, str]) -> None:
    assert trouble(lambda: targets_from(load_settings(settings))).kind == "CONFIG"


# The folder


def test_a_folder_gets_markdown_and_json_once(store: Store, tmp_path: Path) -> None:
    promise(store, "folder", question="Where is my parcel?")
    carrier = courier(store, handover_folder=str(tmp_path / "drop" / "here"))
    carrier.deliver_due()
    names = sorted(file.name for file in (tmp_path / "drop" / "here").iterdir())
    assert [Path(name).suffix for name in names] == [".json", ".md"]
    page = json.loads((tmp_path / "drop" / "here" / names[0]).read_text("utf-8"))
    assert (page["handover"], page["question"]) == (1, "Where is my parcel?")
    assert "Where is my parcel?" in (tmp_path / "drop" / "here" / names[1]).read_text("utf-8")
    assert carrier.deliver_due() == 0


def test_a_folder_that_is_a_file_or_read_only_is_tried_again(store: Store, tmp_path: Path) -> None:
    place = tmp_path / "drop"
    place.write_text("a file")
    promise(store, "folder")
    courier(store, handover_folder=str(place)).deliver_due()
    assert "cannot be written" in the(store).trouble
    assert str(tmp_path) not in the(store).trouble  # where it lies is nobody's business
    place.unlink()
    place.mkdir(mode=0o500)
    due_now(store)
    if os.geteuid() != 0:  # root writes anywhere
        courier(store, handover_folder=str(place)).deliver_due()
        assert "cannot be written" in the(store).trouble
        place.chmod(0o700)
    courier(store, handover_folder=str(place)).deliver_due()
    due_now(store)
    courier(store, handover_folder=str(place)).deliver_due()
    assert the(store).state == "sent"
    assert len(list(place.glob("*.json"))) == 1


def test_a_folder_on_a_full_disk_gets_nothing_half(store: Store, tmp_path: Path) -> None:
    """A child whose files may not grow beyond a few bytes (EFBIG, as a full disk gives ENOSPC)."""
    promise(store, "folder")
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from pathlib import Path\nfrom agent.dropfolder import DropFolder\n"
        "from agent.targets import NotDelivered, Notice\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: DropFolder(Path(sys.argv[1])).deliver(Notice('k' * 20, 1, 's', {'a': 'b' * 50}, 'm' * 100, ()))\n"
        "except NotDelivered as error: print(error.reason)\n"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "d")], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "the disk of the folder d is full"
    assert not [file for file in (tmp_path / "d").iterdir() if not file.name.startswith(".")]
    courier(store, handover_folder=str(tmp_path / "d")).deliver_due()
    assert len(list((tmp_path / "d").glob("*.json"))) == 1


# The outbox


def test_one_target_down_does_not_hold_up_the_others(store: Store, tmp_path: Path) -> None:
    promise(store, "webhook", "folder")
    courier(
        store, handover_webhook=f"http://127.0.0.1:{free_port()}/x", handover_folder=str(tmp_path / "drop")
    ).deliver_due()
    states = {each.target: each.state for each in HandoverQueue(store, "default").one(1).deliveries}
    assert states == {"webhook": "due", "folder": "sent"}


def test_two_couriers_deliver_each_notice_once(store: Store) -> None:
    import threading

    with web_server(delay=0.2) as server:
        for number in range(6):
            promise(store, "webhook", chat=f"chat-{number}")
        start = threading.Barrier(3)

        def work() -> None:
            carrier = courier(store, handover_webhook=server.url)
            start.wait()
            carrier.deliver_due()
            store.close()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert len(keys) == len(set(keys)) == 6


def test_a_courier_in_the_background_delivers_what_is_promised_later(store: Store) -> None:
    with web_server() as server:
        carrier = courier(store, handover_webhook=server.url)
        carrier.start()
        try:
            promise(store, "webhook")
            carrier.wake()
            end = time.monotonic() + 5
            while the(store).state != "sent" and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            carrier.close()
    assert the(store).state == "sent"


def test_what_is_never_taken_is_given_up_in_the_end_and_retry_revives_it(store: Store) -> None:
    promise(store, "webhook")
    with store.write() as db:
        db.execute("UPDATE deliveries SET tries = ?", [MOST_TRIES - 1])
    carrier = courier(store, handover_webhook=f"http://127.0.0.1:{free_port()}/x")
    carrier.deliver_due()
    assert the(store).state == "failed"
    assert HandoverQueue(store, "default").retry(1) == 1
    with web_server() as server:
        courier(store, handover_webhook=server.url).deliver_due()
    assert the(store).state == "sent"
    assert [step for step, _ in steps(store)] == ["send", "given up", "retry", "delivered"]


def test_a_target_that_left_the_settings_is_given_up(store: Store) -> None:
    promise(store, "webhook")
    courier(store).deliver_due()
    assert (the(store).state, the(store).trouble) == ("failed", "it is no longer in the settings")


def test_a_hand_over_that_is_over_needs_no_notice(store: Store) -> None:
    promise(store, "webhook")
    HandoverQueue(store, "default").close(1, "Ana")
    with web_server() as server:
        courier(store, handover_webhook=server.url).deliver_due()
        assert server.asked == []


def test_the_pauses_grow() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert PAUSES[-1] >= 600


def test_a_name_nobody_knows_is_tried_again() -> None:
    with pytest.raises(NotDelivered) as caught:
        reachable("no-such-host.invalid", 443)
    assert not caught.value.for_good


def test_settings_say_where_secrets_belong(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "deskside.toml").write_text('mail_password = "x"\n')
    with pytest.raises(UserError, match="DESKSIDE_MAIL_PASSWORD"):
        load_settings({})

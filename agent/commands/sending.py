"""What commands do about a hand-over that an answer has just made: shown before it is sent, sent, and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from agent.commands.options import note
from agent.settings import Settings
from index.clean import clean

if TYPE_CHECKING:
    from agent.courier import Courier
    from agent.handover import Delivery, Handover
    from agent.queue import HandoverQueue
    from index.store import Store


def queue_of(store: Store, settings: Settings, on_sent: Callable[[], object] = lambda: None) -> HandoverQueue:
    """The queue of the settings' workspace."""
    from agent.queue import HandoverQueue
    from agent.targets import targets_from

    return HandoverQueue(store, settings.workspace, tuple(targets_from(settings)), on_sent)


def courier_of(store: Store, settings: Settings) -> Courier:
    """What delivers the notices of the settings' workspace."""
    from agent.courier import Courier
    from agent.targets import targets_from

    return Courier(store, settings.workspace, targets_from(settings))


def delivery_line(delivery: Delivery) -> str:
    """`webhook: not told yet (desk.example cannot be reached), 3 tries, next at 12:31:05`."""
    if delivery.state == "sent":
        return f"{delivery.target}: told at {delivery.changed_at}"
    reason = f" ({clean(delivery.trouble)})" if delivery.trouble else ""
    if delivery.state == "failed":
        return f"{delivery.target}: given up{reason}"
    if not delivery.tries:
        return f"{delivery.target}: about to be told"
    at = datetime.fromtimestamp(delivery.next_at).strftime("%H:%M:%S")
    return f"{delivery.target}: not told yet{reason}, {delivery.tries} tries, next at {at}"


def after_answer(store: Store, settings: Settings, conversation: str) -> None:
    """Where the answer handed over: show what is sent and ask, where that is still open; then deliver and tell."""
    queue = queue_of(store, settings)
    one = queue.open_in(conversation)
    if one is not None and one.state == "proposed":
        one = _looked_over(queue, one)
    if one is None or one.state != "waiting":
        return
    courier_of(store, settings).deliver_due(one.number)
    note(f"hand-over {one.number} {one.standing}: deskside handovers show {one.number}")
    for delivery in queue.one(one.number).deliveries:
        note(f"  {delivery_line(delivery)}")


def _looked_over(queue: HandoverQueue, one: Handover) -> Handover:
    """The packet shown, changed where the person at the terminal wants it, and sent or withdrawn."""
    from agent.packet import PRIORITIES, edited, packet_lines

    packet = one.packet
    while True:
        note("\nThis goes to a colleague:")
        for line in packet_lines(packet):
            note(f"  {line}")
        choice = click.prompt("Send it? (y)es, (n)o, (c)hange", type=click.Choice(["y", "n", "c"]), err=True)
        if choice == "n":
            note("Nothing was sent.")
            return queue.cancel(one.number)
        if choice == "y":
            return queue.send(one.number, note=packet.note, contact=packet.contact, priority=packet.priority)
        packet = edited(
            packet,
            click.prompt("Note", default=packet.note, err=True),
            click.prompt("Contact", default=packet.contact, err=True),
            click.prompt("Priority", type=click.Choice(PRIORITIES), default=packet.priority, err=True),
        )

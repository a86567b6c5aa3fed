"""Sends reports that were just written to the channels of NEXUS_NOTIFY: one message a subject, its files with it."""

import logging
from collections.abc import Sequence
from itertools import groupby

from nexus_data.notify import Channel, Message, channels, send
from nexus_data.report.write import Written
from nexus_data.settings import Settings

log = logging.getLogger(__name__)


def send_reports(settings: Settings, written: Sequence[Written]) -> tuple[str, ...]:
    """Send what is new among the reports; why any was not taken, a line each. They stay in their folder either way."""
    to = channels(settings.notify)
    new = [one for one in written if one.new]
    failed = [
        f"{one.name}: {why}"
        for _, group in groupby(new, key=lambda report: (report.subject, report.period))
        for one, why in _sent(to, tuple(group))
    ]
    for line in failed:
        log.warning("a report was not sent by %s", line)
    return tuple(failed)


def _sent(to: Sequence[Channel], reports: tuple[Written, ...]) -> list[tuple[Channel, str]]:
    first = reports[0]
    title = f"NEXUS report: {' '.join(first.subject.folder)}, {first.period}"
    text = f"Generation {first.generation}, as {', '.join(report.format for report in reports)}."
    message = Message(title, text, files=tuple(report.path for report in reports))
    tried = [(channel, send(channel, message)) for channel in to]
    return [(channel, why) for channel, why in tried if why]

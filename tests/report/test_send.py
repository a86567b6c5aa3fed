"""Reports are sent once, when they are new; who does not take them is named, and they stay where they are."""

import base64
from dataclasses import replace

from nexus_data.report.facts import Subject
from nexus_data.report.period import period
from nexus_data.report.send import send_reports
from nexus_data.report.write import write_reports
from tests.alerts.sinks import webhook
from tests.report.conftest import USER, Installation


def test_new_reports_go_out_with_their_files_and_old_ones_do_not(installed: Installation) -> None:
    wanted = {"subjects": [Subject(user_id=USER)], "formats": ["html", "xlsx"]}
    with webhook() as hook:
        settings = replace(installed.settings, notify=(hook.url,))
        written = write_reports(settings, period("2025-W20"), **wanted)
        assert send_reports(settings, written) == ()
        (message,) = hook.got
        assert message["title"] == f"NEXUS report: users {USER}, 2025-W20"
        sent = [base64.b64decode(one["base64"]) for one in message["attachments"]]
        assert sent == [one.path.read_bytes() for one in written]
        assert send_reports(settings, write_reports(settings, period("2025-W20"), **wanted)) == ()
        assert len(hook.got) == 1
        hook.status = 500
        (why,) = send_reports(settings, write_reports(settings, period("2025-W21"), **wanted))
        assert why.startswith("json-")

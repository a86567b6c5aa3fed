"""What a terminal says of a step under way."""

from nexus_data.progress import Progress
from pipelines.cli.progress import in_words


def test_records_rate_rejected_and_the_time_left_which_runs_on() -> None:
    half = Progress("standardize", "bytes", done=50, total=100, records=20_000, rejected=7, seconds=5.0)
    assert in_words(half, 5.0) == "20,000 records, 4,000/s, 7 rejected, 5 s left"
    assert in_words(half, 8.0) == "20,000 records, 4,000/s, 7 rejected, 2 s left"
    assert in_words(half, 60.0) == "20,000 records, 4,000/s, 7 rejected"
    long = Progress("publish", "records", done=100, total=1_600, records=100, rejected=0, seconds=5.0)
    assert in_words(long, 5.0) == "100 records, 20/s, 1:15 left"


def test_what_is_done_has_no_rate_and_what_has_not_begun_has_a_size() -> None:
    done = Progress("deduplicate", "records", done=300, total=300, records=300, rejected=0, seconds=5.0)
    assert in_words(done, 30.0) == "300 records"
    assert in_words(Progress("standardize", "bytes", 0, 32_831_868, 0, 0, 0.1), 1.0) == "32.8 MB"
    assert in_words(Progress("publish", "records", 0, 4_000, 0, 0, 0.1), 1.0) == "0 of 4,000 records"
    assert in_words(Progress("publish", "records", 0, 0, 0, 0, 0.1), 1.0) == ""

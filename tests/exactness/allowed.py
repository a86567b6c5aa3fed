"""Where a float may stand, each place with its reason. Nowhere else in the library: see test_no_float."""

OUTSIDE = {
    "nexus_data/bench/": "measures machines: seconds and shares of them",
    "nexus_data/draft/": "weighs guesses at what a column means; what it writes are texts of a contract",
    "nexus_data/services/": "waits for processes: seconds",
    "nexus_data/progress.py": "what a person sees while waiting: seconds and rates",
}
"""Packages and modules that no amount goes through."""

_SECONDS = """
    announce.py api/event_routes.py api/event_routes.py:Pass.seconds_left api/events.py
    api/access.py api/access.py:Sight.__init__ api/access.py:Sight.reaches api/app.py api/measures.py
    api/measures.py:Measures.__init__ api/measures.py:Measures._advance api/measures.py:Measures.answered
    api/measures.py:Measures.asked api/pool.py api/pool.py:_tell api/sessions.py api/sessions.py:Ended.__init__
    api/throttle.py api/throttle.py:Attempts.__init__ api/throttle.py:Attempts._add_here
    api/throttle.py:Attempts.forgive api/throttle.py:Pace.__init__ api/throttle.py:Pace.demand
    api/throttle.py:_make_room api/watch.py:Watch.__init__ api/watch.py:Watch._began api/watch.py:Watch.asked
    api/stores.py:Quiet api/stores.py:_untold api/tracing.py:Tracing.asked settings.py:_lifetime
    watching.py watching.py:_over api/stores.py api/stores.py:Cache.__init__ arrivals.py
    arrivals.py:_settled arrivals.py:arrivals
    background/uploads.py background/uploads.py:sweep trial/files.py cache.py
    checks.py:cache_current postgres/partitions.py postgres/partitions.py:hold_parent
    postgres/partitions.py:_holders postgres/partitions.py:attach_build postgres/partitions.py:attach_builds
    quarantine/requeue.py:_result
    results.py:RunSummary results.py:StepResult results.py:rate runs.py runs.py:Run runs.py:_wait settings.py:_seconds
    standardize.py:_report status.py:_redis_state verify/cache.py verify/report.py:Check verify/report.py:Findings
    verify/report.py:Report
"""
_SHARES = """
    api/task_documents.py api/task_documents.py:Task checks.py checks.py:Finding checks.py:_finding
    checks.py:rejected_share contract/header.py contract/header.py:Difference contract/match.py
    contract/match.py:_columns contract/match.py:_sections readers/nature.py
    verify/layout.py:_is_text trial/outcome.py:Quality trial/outcome.py:_share generate/operations.py:_stride
    settings.py:_share settings.py:_times
    quality.py:measures quality.py:_shares
"""
_TYPED_FILES = "readers/exact_text.py:_texts readers/exact_text.py:number_text readers/workbook.py:_text"
_DUCKDB = "marts.py:_engine verify/engine.py:opened"
_JSON = "readers/nature.py:_is_json verify/cache.py:_check_cached verify/cache.py:_compare verify/fields.py:_json"

PYTHON = {
    **dict.fromkeys(_SECONDS.split(), "seconds that pass"),
    **dict.fromkeys(_SHARES.split(), "likeness of headers, shares of records or bytes: no amount meets them"),
    **dict.fromkeys(_TYPED_FILES.split(), "a file's own binary number becomes the shortest text that means it"),
    "verify/typed.py:plain": "the same, by the verifier's own code",
    **dict.fromkeys(_DUCKDB.split(), "the type of DuckDB's options"),
    **dict.fromkeys(_JSON.split(), "looks whether it is JSON, or what its texts are; no number of it goes on"),
    "settings.py:Settings": "seconds, and the share by which a snapshot may shrink",
}
"""Functions, classes and modules (their top level) under nexus_data."""

_NUMERIC = "Postgres divides numeric by numeric as numeric; the quotient is a share, rounded to six places"

SQL = {
    "sql/queries/report/quality.sql": _NUMERIC,
    "sql/queries/cache/project_dashboard.sql": _NUMERIC,
    "sql/queries/verify/marts/data_quality.sql": _NUMERIC,
    "sql/queries/verify/marts/data_quality_daily.sql": _NUMERIC,
    "sql/queries/api/quality_by_day.sql": _NUMERIC,
    "sql/queries/verify/marts/project_dashboard.sql": _NUMERIC,
}
"""Statements."""

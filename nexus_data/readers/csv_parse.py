"""The fast way to read delimited text: Polars parses a whole chunk, and the outcome is proved before it is believed."""

from collections.abc import Sequence

import polars as pl

from nexus_data.readers.csv_grammar import Grammar, well_quoted

# A quoted field that spans more than this is for the tolerant way to judge; see csv_segments.
MAX_JOINED_LINES = 10_000
MAX_JOINED_BYTES = 1 << 20
# Polars would unpack a chunk that starts like a gzip, zlib or zstd container; here it is text that happens to.
_PACKED = (b"\x1f\x8b", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x28\xb5\x2f\xfd")


def parse(data: bytes, columns: Sequence[str], grammar: Grammar) -> pl.DataFrame | None:
    """The fields of every record of `data`, or None if it cannot be proved that all are there and all are right.

    data: whole records; the last line end may be missing.
    """
    if b"\0" in data or data.startswith(_PACKED):
        return None
    end = b"\r" if b"\r" in data and b"\n" not in data else b"\n"
    if not data.endswith((b"\n", b"\r")):
        data += end
    if end == b"\n" and b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    # Polars takes text after a closing quote into the value, and then every byte is still accounted for.
    if grammar.quote and grammar.quote in data and not well_quoted(grammar).fullmatch(data):
        return None
    try:
        frame = _read(data, columns, grammar, end)
    except pl.exceptions.PolarsError:
        return None
    return frame if _is_sound(frame, data, grammar, end) else None


def _read(data: bytes, columns: Sequence[str], grammar: Grammar, end: bytes) -> pl.DataFrame:
    return pl.read_csv(
        data,
        has_header=False,
        schema=dict.fromkeys(columns, pl.String()),
        separator=grammar.delimiter.decode(),
        quote_char=grammar.quote.decode() or None,
        eol_char=end.decode(),
        infer_schema=False,
        empty_string_is_null=False,
    )


def _is_sound(frame: pl.DataFrame, data: bytes, grammar: Grammar, end: bytes) -> bool:
    """Whether every byte of the chunk is in a value, or is a delimiter, a quote or a line end.

    Polars refuses records that are too long, pads those that are too short, and takes blank lines for records: a
    padded field is a delimiter that is missing from the sum, so equality means that each record has its width.
    """
    if frame.height == 0 or (frame.width == 1 and _has_blank(frame, grammar)):
        return False
    ends, marks = data.count(end), data.count(grammar.quote) if grammar.quote else 0
    marks += data.count(b"\r") if end == b"\n" else 0
    values = sum(frame.select(pl.all().str.len_bytes().cast(pl.Int64()).sum()).row(0))
    structure = len(data) - values - frame.height * (frame.width - 1)
    if structure == ends + marks and frame.height == ends:
        return True
    inside_ends, inside_marks = _inside(frame, grammar, end)
    return structure == ends + marks - inside_ends - inside_marks and frame.height == ends - inside_ends


def _has_blank(frame: pl.DataFrame, grammar: Grammar) -> bool:
    return bool(frame.to_series().str.strip_chars(grammar.white.decode()).eq("").any())


def _inside(frame: pl.DataFrame, grammar: Grammar, end: bytes) -> tuple[int, int]:
    """How many line ends, and how many quotes and CRs, are text inside values; impossible counts if a field is huge."""
    texts = frame.select(pl.all().str.join("")).row(0)
    marks = [grammar.quote.decode()] if grammar.quote else []
    marks += ["\r"] if end == b"\n" else []
    spanning = [name for name, text in zip(frame.columns, texts, strict=True) if end.decode() in text]
    if spanning and _is_huge(frame, spanning, end.decode()):
        return -1, -1
    return sum(text.count(end.decode()) for text in texts), sum(text.count(mark) for text in texts for mark in marks)


def _is_huge(frame: pl.DataFrame, spanning: Sequence[str], end: str) -> bool:
    """Whether a record that spans lines is more than the fast way may take for one; see csv_segments."""
    ends = frame.select(pl.sum_horizontal(pl.col(spanning).str.count_matches(end, literal=True))).to_series()
    sizes = frame.filter(ends > 0).select(pl.sum_horizontal(pl.all().str.len_bytes())).to_series()
    return bool((ends >= MAX_JOINED_LINES - 1).any() or (sizes >= MAX_JOINED_BYTES // 2).any())

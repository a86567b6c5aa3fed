"""The shape of a contract file. msgspec validates it: unknown keys, wrong types and values outside a list are errors.

Every struct here is one TOML table; its docstring is the reference for people who write contracts.
What a key means to the data is in `nexus_data.kernel`; how a file is read is in `nexus_data.readers`.
"""

from typing import Literal

import msgspec


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all: an unknown key is an error, so that a typing slip cannot pass as an option."""


class Format(_Strict, frozen=True):
    """`[format]`: how bytes become records.

    kind: csv (any delimiter), json (one array, or an object holding one at `records`), jsonl, parquet or xlsx.
    delimiters: tried in order. quote: the quote character, "" for none. encodings: tried in order after a byte order
    mark. header: false for files whose first record is data; `columns` of the variant then name the fields in order.
    preamble: how many lines before the header may be passed over in search of it.
    ragged: `reject` a record with too few or too many fields, or `pad`: fill missing trailing fields with empty text
    and drop empty surplus ones (a surplus field with text is still rejected).
    records: for json, the dotted way to the array. sheet: for xlsx, its name; none: the first that has the header.
    """

    kind: Literal["csv", "json", "jsonl", "parquet", "xlsx"] = "csv"
    delimiters: tuple[str, ...] = (",",)
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    preamble: int = 0
    ragged: Literal["reject", "pad"] = "reject"
    records: str = ""
    sheet: str | None = None


class Numbers(_Strict, frozen=True):
    """`[numbers]`: how numbers are written, unless a field says otherwise.

    decimal: the decimal mark. thousands: every character that may group digits in threes (no-break and thin spaces
    count as a space). accounting: parentheses and a trailing minus mean negative. signs: currency signs and ISO codes
    glued to the number are taken off.
    """

    decimal: Literal[".", ","] = "."
    thousands: str = ""
    accounting: bool = False
    signs: bool = False


class Variant(_Strict, frozen=True):
    """`[[variants]]`: one header that the source has used.

    columns: every column the header may have, in the usual order (matching ignores the order). A name that stands
    twice is `Name`, then `Name_2`; an empty name at place i (from 1) is `column_i`. optional: those of them that may
    be missing (they then read as empty). rename: old name = the name that the fields below use.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    name: str = ""
    rename: dict[str, str] = {}


class SignOf(_Strict, frozen=True):
    """`by_sign`: the value follows from the sign of the number in `column`; zero or empty gives `zero`, or nothing."""

    column: str
    positive: str
    negative: str
    zero: str | None = None


class FactorBy(_Strict, frozen=True):
    """`factor_by`: multiply by the factor that the text in `column` maps to (GBX = "0.01"); others stay as they are."""

    column: str
    map: dict[str, str]


class FieldSpec(_Strict, frozen=True):
    """`[fields.NAME]`: where a canonical column's text comes from, and how it is read.

    Exactly one origin: column; columns (joined by `join`, empty parts left out); value (a constant); path (a named
    group of the contract's `path` pattern); product (two canonical number fields, multiplied exactly); by_sign.
    column may name several candidates separated by ` | `: the first that is not empty wins. value = "" leaves the field
    empty: a kind blanks what `[fields]` would fill.
    Then, in this order: null (texts that mean nothing), extract (a regular expression, its first group; without a
    match nothing is left), map (exact text to canonical text, compared without case and outer spaces; "" stands for
    nothing; `otherwise` says what an unmapped text does: reject, keep it, or null), prefix, case. Where nothing is
    left, prefix adds nothing.
    Numbers, also the one that by_sign looks at: decimal, thousands, accounting, signs as in [numbers]; sign: keep,
    absolute or negate; factor: an exact decimal to multiply by ("0.0001" for prices times 10,000); factor_by.
    Times: formats, tried in order, of strptime, or one of iso, epoch_s, epoch_ms, epoch_us, epoch_ns;
    zone: the time zone of texts without an offset, over the contract's; zone_column: the column that names it.
    day_ms: a column with milliseconds since local midnight, added to the date that the origin gives.
    Currencies: crypto: true lets codes outside ISO 4217 through, marked crypto:CODE.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    value: str | None = None
    path: str | None = None
    product: tuple[str, ...] = ()
    by_sign: SignOf | None = None
    null: tuple[str, ...] = ()
    extract: str | None = None
    map: dict[str, str] = {}
    otherwise: Literal["reject", "keep", "null"] = "reject"
    prefix: str = ""
    case: Literal["", "upper", "lower"] = ""
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    accounting: bool | None = None
    signs: bool | None = None
    sign: Literal["keep", "absolute", "negate"] = "keep"
    factor: str | None = None
    factor_by: FactorBy | None = None
    formats: tuple[str, ...] = ()
    zone: str | None = None
    zone_column: str | None = None
    day_ms: str | None = None
    crypto: bool = False


class Condition(_Strict, frozen=True):
    """One condition on a raw column; every key given must hold.

    equals: one of these texts; prefix; matches: a regular expression; empty: whether it is; sign: of its number.
    Texts are compared without outer spaces and without case.
    """

    column: str
    equals: tuple[str, ...] | None = None
    prefix: tuple[str, ...] | None = None
    matches: str | None = None
    empty: bool | None = None
    sign: Literal["positive", "negative", "zero"] | None = None


class Kind(_Strict, frozen=True):
    """`[[kinds]]`: what a record is. The first kind whose `when` conditions all hold is taken.

    skip: the record moves nothing and is counted as skipped, for this reason. set: constant canonical fields.
    fields: field specifications that, for this kind, replace those of `[fields]` or come on top of them.
    A record that no kind takes is rejected (UNKNOWN_KIND); a contract without kinds takes every record.
    """

    name: str
    when: tuple[Condition, ...] = ()
    skip: str | None = None
    set: dict[str, str] = {}
    fields: dict[str, FieldSpec] = {}


class Identity(_Strict, frozen=True):
    """`[identity]`: what makes a record the same record.

    columns: canonical fields that the source keeps unique (its own ids); where one of them is empty, and always when
    none are named, identity is the whole content with the multiset rule. content: the canonical fields which that
    content consists of; none named: all but the provenance.
    """

    columns: tuple[str, ...] = ()
    content: tuple[str, ...] = ()


class Contract(_Strict, frozen=True):
    """One file `nexus_data/contracts/<source>/<dataset>.toml`; source and dataset are its path.

    title: for people. table: the canonical table. timezone: IANA name, of times written without an offset; `date`
    columns are days in it. path: a regular expression searched in the landed file's path (with `/`), which must match
    and whose named groups fields may use. implied_parents: make the project or user that a record names when nobody
    else has named it (status `implied`), instead of rejecting the record.
    undecided: what `nexus contract draft` could not know, by key, with the readings; a contract that still has any
    cannot be used: write the right reading into the key, and take the line away.
    """

    title: str
    table: Literal["users", "user_accounts", "projects", "project_milestones", "trading_operations", "frenly_ai_tasks"]
    timezone: str
    variants: tuple[Variant, ...]
    fields: dict[str, FieldSpec]
    format: Format = Format()
    numbers: Numbers = Numbers()
    kinds: tuple[Kind, ...] = ()
    identity: Identity = Identity()
    path: str | None = None
    implied_parents: bool = False
    undecided: dict[str, tuple[str, ...]] = {}

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

    kind: csv (any delimiter), json (one array, or an object holding one at `records`), jsonl, parquet or xlsx; or a
    standard format, whose records and columns a module in `nexus_data.readers` declares: camt052, camt053, camt054
    (ISO 20022 reports, statements and notifications: `camt`), mt940 (SWIFT statements), ofx (OFX and QFX, SGML and
    XML), msproject (Microsoft Project), ibflex (Flex queries of Interactive Brokers).
    delimiters: tried in order. quote: the quote character, "" for none. encodings: tried in order after a byte order
    mark. header: false for files whose first record is data; `columns` of the variant then name the fields in order.
    preamble: how many lines before the header may be passed over in search of it. above: regular expressions that are
    searched in these lines (cells without outer spaces and with tabs between them; `^` and `$` are the ends of a line);
    each named group is a further column `above:GROUP` of every record, empty where nothing is found, and part of its
    fingerprint: an account or a currency that a statement says once.
    ragged: `reject` a record with too few or too many fields, or `pad`: fill missing trailing fields with empty text
    and drop empty surplus ones (a surplus field with text is still rejected).
    records: for json, the dotted way to the array. prefix: for jsonl, a regular expression for what stands before the
    JSON on every line (a log's own time); its named groups are columns, which come before those of the JSON; a line
    that does not begin with it, or has nothing but it, is no record (BAD_PREFIX).
    sheet: for xlsx, its name; none: the first that has the header.
    sheets: for xlsx, a regular expression: every sheet in whose name it is found is read, in the workbook's order, as
    one file; all must have the same header in the same row, else the file is held. The further column `sheet:name` has
    the sheet's name; it is no part of the record's fingerprint. Other sheets are not read.
    """

    kind: Literal[
        "csv",
        "json",
        "jsonl",
        "parquet",
        "xlsx",
        "camt052",
        "camt053",
        "camt054",
        "ibflex",
        "msproject",
        "mt940",
        "ofx",
    ] = "csv"
    delimiters: tuple[str, ...] = (",",)
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    preamble: int = 0
    above: tuple[str, ...] = ()
    ragged: Literal["reject", "pad"] = "reject"
    records: str = ""
    prefix: str = ""
    sheet: str | None = None
    sheets: str = ""


class Numbers(_Strict, frozen=True):
    """`[numbers]`: how numbers are written, unless a field says otherwise.

    decimal: the decimal mark; "last" where texts of both styles are mixed: of `.` and `,` the last in a text is then
    the decimal mark and the other one groups digits in threes; a mark that stands several times, and no other, groups;
    a text that could be either (one mark behind one to three digits without a leading zero, three digits behind it:
    1,234) is UNPARSABLE. thousands: every character that may group digits in threes (no-break and thin spaces count as
    a space). accounting: parentheses and a trailing minus mean negative. signs: currency signs and ISO codes
    glued to the number are taken off. powers: a plain number may end in a power of ten of at most two digits
    (3.605E-05), as programs write small ones; it is read exactly. Not with decimal = "last".
    """

    decimal: Literal[".", ",", "last"] = "."
    thousands: str = ""
    accounting: bool = False
    signs: bool = False
    powers: bool = False


class Variant(_Strict, frozen=True):
    """`[[variants]]`: one header that the source has used.

    columns: every column the header may have, in the usual order (matching ignores the order). A name that stands
    twice is `Name`, then `Name_2`; an empty name at place i (from 1) is `column_i`. optional: those of them that may
    be missing (they then read as empty). others: regular expressions; a column whose whole name (as above) one of them
    matches may be there too, and no field reads it. named: regular expression = the name, of `columns`, that the first
    column whose whole name it matches is taken to have; each named group is a further column `header:GROUP` of every
    record, and part of its fingerprint: `Amount (?P<currency>[A-Z]{3})` = "Amount" for an amount whose currency
    stands in its name. rename: old name = the name that the fields below use. constants:
    columns that this header does not have, and the text that every record has there (EUR in a column that other headers
    have); as an empty one, such a column is part of the fingerprint.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    name: str = ""
    named: dict[str, str] = {}
    rename: dict[str, str] = {}
    constants: dict[str, str] = {}


class SignOf(_Strict, frozen=True):
    """`by_sign`: the value follows from the sign of the number in `column`; zero or empty gives `zero`, or nothing.

    sum: instead of column, raw columns whose exact sum (as FieldSpec's `sum`) is looked at.
    """

    positive: str
    negative: str
    column: str = ""
    sum: tuple[str, ...] = ()
    zero: str | None = None


class FactorBy(_Strict, frozen=True):
    """`factor_by`: multiply by the factor that the text in `column` maps to (GBX = "0.01"); others stay as they are.

    extract: a regular expression whose first group is the text; without a match there is none.
    """

    column: str
    map: dict[str, str]
    extract: str | None = None


class FieldSpec(_Strict, frozen=True):
    """`[fields.NAME]`: where a canonical column's text comes from, and how it is read.

    Exactly one origin: column; columns (joined by `join`, empty parts left out); value (a constant); path (a named
    group of the contract's `path` pattern); product (two canonical number fields, multiplied exactly); by_sign;
    sum (raw columns whose numbers are added exactly, or subtracted where the name is written with a `-` in front; an
    empty one counts as zero, nothing comes of only empty ones).
    Each number of a sum is read in the field's style and must have at most 15 digits before and 18 after the mark; a
    sum with another is UNPARSABLE. What follows (sign, factor) applies to the sum.
    column may name several candidates separated by ` | `: the first that is not empty wins. value = "" leaves the field
    empty: a kind blanks what `[fields]` would fill.
    Then, in this order: null (texts that mean nothing), extract (a regular expression, its first group; without a
    match nothing is left), replace (pieces of text, compared without case, by others, all in one pass: "mrt" = "Mar"),
    map (exact text to canonical text, compared without case and outer spaces; "" stands for
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
    sum: tuple[str, ...] = ()
    by_sign: SignOf | None = None
    null: tuple[str, ...] = ()
    extract: str | None = None
    replace: dict[str, str] = {}
    map: dict[str, str] = {}
    otherwise: Literal["reject", "keep", "null"] = "reject"
    prefix: str = ""
    case: Literal["", "upper", "lower"] = ""
    decimal: Literal[".", ",", "last"] | None = None
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
    content consists of; none named: all but the provenance. anchors: those of `content` without which it tells too
    little: a record where one of them is empty has its whole content for its identity.
    """

    columns: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()


class SectionTable(_Strict, frozen=True):
    """`[[sections.tables]]`: one header that a section has used; see Variant for the other keys.

    titles: the section's names in the file, in every language. Sections of one title may have several tables.
    """

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    constants: dict[str, str] = {}


class Sections(_Strict, frozen=True):
    """`[sections]`: a csv file of several tables, whose records begin with their table's title and what they are.

    The raw columns are `section`, `row` and `field_3` to `field_N`, N being `fields`; a record with fewer fields is
    padded. A record whose `row` is `header` names the columns of the records of its section that come behind it.
    By the first of `tables` that has its title, and whose columns the header fits as a variant's would, these records
    have further columns under the table's names, as texts; all other records have them empty, too. A record that is no
    header, whose section's title is in some table, but which stands behind no header that fits, is rejected:
    UNKNOWN_HEADER. Sections that no table names are left to the kinds.
    opening: the titles that the first record of such a file may have, for the contract to be found by; it must be a
    header. variants must then be left out, and format be csv with header = false and ragged = "pad".
    """

    opening: tuple[str, ...]
    tables: tuple[SectionTable, ...]
    header: str = "Header"
    fields: int = 32


class Like(_Strict, frozen=True):
    """`like`: the columns in which a record must equal the first record of an earlier leg (without outer spaces)."""

    leg: str
    columns: tuple[str, ...]


class GroupLeg(_Strict, frozen=True):
    """`[[group.forms.legs]]`: a part that records of a group play.

    A record of the group plays the first leg, in the order of the form, whose `when` conditions all hold and whose
    `like` it satisfies. records: how many must play it: one; optional (none or one); some (one or more); any;
    none: a group with such a record does not fit the form.
    same: raw columns that must have one text in all records of the leg, empty counting as a text.
    sum: raw columns of numbers (the contract's style, as in FieldSpec's `sum`) that are added up over the leg.
    stands: the records of the leg only have to be there, and are read by themselves as if they played none (executions
    beside an order, which has their sum and is then skipped by its kind). Not for the lead.
    """

    name: str
    when: tuple[Condition, ...] = ()
    records: Literal["one", "optional", "some", "any", "none"] = "one"
    same: tuple[str, ...] = ()
    like: Like | None = None
    sum: tuple[str, ...] = ()
    stands: bool = False


class GroupForm(_Strict, frozen=True):
    """`[[group.forms]]`: one way in which the records of a group are one operation.

    lead: the leg (one or some) whose first record in the file stands for the operation.
    """

    name: str
    lead: str
    legs: tuple[GroupLeg, ...]


class Grouping(_Strict, frozen=True):
    """`[group]`: several records that are one operation.

    Records for which all `when` conditions hold and no column of `key` is empty are grouped by the texts of `key`
    (without outer spaces, case counts); a record more than `reach` records behind the one before it with the same key
    begins another group. So that an export holds a group whole or not at all, put into the key the time by which the
    source cuts its exports.
    The first form that a group fits is taken: each leg is played by as many records as it says, and `same` holds. Then
    - the lead record is read by kinds and fields as ever. For it, and only for it, there are the further columns
      `LEG:COLUMN` (the text in the first record of that leg, or the sum for a column of `sum`, written with the
      contract's decimal mark; empty where nobody plays the leg) and `group:form` (the form's name);
    - every other record that plays a leg is skipped (`part of record N`, N being the lead's number), or rejected
      (GROUP_REJECTED) when its lead is rejected;
    - records that play no leg are read by themselves, as those outside of any group.
    A group that fits no form: with otherwise = "stand", each of its records is read by itself; with "reject", all are
    rejected: GROUP_AMBIGUOUS when some form has at least as many records for each leg as it needs, else
    GROUP_INCOMPLETE. A group whose first and last record are ten times `reach` or more apart is rejected whole:
    GROUP_TOO_LARGE. None of the further columns is part of the record's fingerprint.
    """

    key: tuple[str, ...]
    forms: tuple[GroupForm, ...]
    when: tuple[Condition, ...] = ()
    reach: int = 1000
    otherwise: Literal["reject", "stand"] = "reject"


class Continuation(_Strict, frozen=True):
    """`[continuation]`: a record that only goes on with the one before it (a field wrapped into a row of its own).

    Where all `when` conditions hold, the record is skipped (`continues record N`, or `part of record N` where there are
    no `columns`; rejected with GROUP_REJECTED when record N is rejected). For record N the texts of `columns` are
    joined, without anything between, in the further columns `whole:COLUMN`, which every record has. Directly before it
    must stand record N or another continuation of it, 10,000 at the most, else it is rejected: GROUP_INCOMPLETE.
    of: conditions that record N must satisfy; a record that would go on with another, or with none, then stands by
    itself instead. Sections come before continuations, groups after them; groups may use `whole:COLUMN`.
    """

    when: tuple[Condition, ...]
    columns: tuple[str, ...] = ()
    of: tuple[Condition, ...] = ()


class Revisions(_Strict, frozen=True):
    """`[revisions]`: records by which the source takes an earlier one back (FIX ExecType: Trade Correct, Trade Cancel).

    correct, cancel: a record is one when all of these conditions hold; none given: no record is. Only operations that
    the source's own id names can be revised, so identity.columns must have exec_id.
    refers_to: where the exec_id of the earlier record stands, read as that field is; where nothing is left of it, or
    none is given, the record's own id is meant, and where the record has no id of its own, it has the one it refers to.
    version: a raw column that orders several corrections of one operation (whole numbers by value, other texts as
    texts); none: as they arrive.
    A correction is read as an operation like any other and takes the earlier version's place, under whatever date; a
    cancel takes it and publishes nothing, for good. Both versions are kept, whichever arrives first. A record that
    moves money back, and is marked as neither, is an operation of its own.
    """

    correct: tuple[Condition, ...] = ()
    cancel: tuple[Condition, ...] = ()
    refers_to: FieldSpec | None = None
    version: str | None = None


class Snapshot(_Strict, frozen=True):
    """`[snapshot]`: every export of this source is complete, so that the next one of the same name takes its place.

    name: a regular expression searched in the landed file's name; its first group (without one: what it matches) is
    the file's logical name, and a file in whose name it finds nothing is no snapshot. None given: every file is one,
    and its logical name is its name without extensions and without a copy's mark such as ` (1)`.
    Files of one source, owner and logical name are versions of each other, in the order in which they are landed. A
    row that the next version does not show any more is superseded, unless another file of the source shows it.
    """

    name: str | None = None


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
    fields: dict[str, FieldSpec]
    variants: tuple[Variant, ...] = ()
    format: Format = Format()
    numbers: Numbers = Numbers()
    kinds: tuple[Kind, ...] = ()
    identity: Identity = Identity()
    sections: Sections | None = None
    group: Grouping | None = None
    continuation: Continuation | None = None
    path: str | None = None
    implied_parents: bool = False
    undecided: dict[str, tuple[str, ...]] = {}
    revisions: Revisions | None = None
    snapshot: Snapshot | None = None

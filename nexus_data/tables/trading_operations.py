"""Operations: whatever moves money (trades, fees, dividends, deposits), one row each; names follow FIX and ISO."""

from nexus_data.tables.model import GENERATION, PROVENANCE, Field, Index, Kind, Table

CATEGORIES = (
    "trade",
    "fee",
    "tax",
    "dividend",
    "interest",
    "deposit",
    "withdrawal",
    "transfer",
    "conversion",
    "salary",
    "purchase",
    "other",
)

TRADING_OPERATIONS = Table(
    name="trading_operations",
    doc="One row per operation that moves money, range-partitioned by month of `date`.",
    key=("date", "operation_id"),
    partition_by="date",
    fields=(
        Field("operation_id", Kind.UUID, "First 128 bits of the SHA-256 of the record's identity", required=True),
        Field("date", Kind.DATE, "TradeDate [75], in the source's time zone", required=True),
        Field("transact_time", Kind.TIMESTAMP, "TransactTime [60]; null where the source gives only a date"),
        Field("user_id", Kind.TEXT, "Whose operation it is", required=True),
        Field("account_id", Kind.TEXT, "Account [1]"),
        Field("exec_id", Kind.TEXT, "ExecID [17], the source's own id"),
        Field(
            "type",
            Kind.TEXT,
            "The way the money moves (buy = expense, sell = income); null for market prints, which move nobody's money",
            values=("income", "expense"),
        ),
        Field("category", Kind.TEXT, "What kind of operation", required=True, values=CATEGORIES),
        Field("amount", Kind.MONEY, "The money that moved, never negative", True, non_negative=True, summed=True),
        Field("currency", Kind.TEXT, "Currency [15] of amount: ISO 4217, or crypto:CODE", required=True),
        Field("side", Kind.TEXT, "Side [54]", values=("buy", "sell", "undisclosed")),
        Field("symbol", Kind.TEXT, "Symbol [55]"),
        Field("security_id", Kind.TEXT, "SecurityID [48]: the ISIN where given"),
        Field("last_qty", Kind.MONEY, "LastQty [32], never negative", non_negative=True, summed=True),
        Field("last_px", Kind.PRICE, "LastPx [31]"),
        Field("last_px_currency", Kind.TEXT, "Currency of last_px; null: the same as currency"),
        Field("commission", Kind.MONEY, "Commission [12]"),
        Field("commission_currency", Kind.TEXT, "CommCurrency [479]; null: the same as currency"),
        Field("venue", Kind.TEXT, "LastMkt [30]: ISO 10383 MIC where known, else as given"),
        Field("milestone_id", Kind.TEXT, "The milestone this operation pays for, where given"),
        Field("description", Kind.TEXT, "Text [58] as given"),
        *PROVENANCE,
        GENERATION,
    ),
    indexes=(
        Index(("user_id", "date")),
        Index(("milestone_id",), where="milestone_id IS NOT NULL"),
    ),
)

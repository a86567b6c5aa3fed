"""The vocabulary of generated data: real tickers and ISINs, invented people and projects."""

INSTRUMENTS: tuple[tuple[str, str, str, str, int], ...] = (
    # symbol, ISIN, MIC, currency, price in cents
    ("AAPL", "US0378331005", "XNAS", "USD", 18750),
    ("MSFT", "US5949181045", "XNAS", "USD", 40210),
    ("NVDA", "US67066G1040", "XNAS", "USD", 87540),
    ("AMZN", "US0231351067", "XNAS", "USD", 17815),
    ("GOOGL", "US02079K3059", "XNAS", "USD", 15195),
    ("META", "US30303M1027", "XNAS", "USD", 48510),
    ("TSLA", "US88160R1014", "XNAS", "USD", 17580),
    ("JPM", "US46625H1005", "XNYS", "USD", 19860),
    ("KO", "US1912161007", "XNYS", "USD", 6050),
    ("JNJ", "US4781601046", "XNYS", "USD", 15640),
    ("V", "US92826C8394", "XNYS", "USD", 27730),
    ("XOM", "US30231G1022", "XNYS", "USD", 11590),
    ("BAC", "US0605051046", "XNYS", "USD", 3710),
    ("ASML", "NL0010273215", "XAMS", "EUR", 87120),
    ("ADYEN", "NL0012969182", "XAMS", "EUR", 142060),
    ("INGA", "NL0011821202", "XAMS", "EUR", 1524),
    ("AIR", "NL0000235190", "XPAR", "EUR", 15510),
    ("MC", "FR0000121014", "XPAR", "EUR", 79430),
    ("OR", "FR0000120321", "XPAR", "EUR", 43025),
    ("SAN", "FR0000120578", "XPAR", "EUR", 8911),
    ("TTE", "FR0000120271", "XPAR", "EUR", 6487),
    ("SAP", "DE0007164600", "XETR", "EUR", 17460),
    ("SIE", "DE0007236101", "XETR", "EUR", 17685),
    ("ALV", "DE0008404005", "XETR", "EUR", 26640),
    ("VWCE", "IE00BK5BQT80", "XETR", "EUR", 11584),
    ("IWDA", "IE00B4L5Y983", "XAMS", "EUR", 9012),
    ("CSPX", "IE00B5BMR087", "XAMS", "EUR", 49870),
    ("EMIM", "IE00BKM4GZ66", "XAMS", "EUR", 3044),
)

_MORE = """
    ABBV ABNB ABT ACN ADBE ADI ADP ADSK AEP AFL AIG ALL AMAT AMD AMGN AMT ANET AON APD APH AVGO AXP AZO BA BDX BIIB BK
    BKNG BLK BMY BSX C CAT CB CDNS CEG CHTR CI CL CMCSA CME CMG COF COP COST CPRT CRM CRWD CSCO CSX CTAS CVS CVX D DASH
    DD DE DHR DIS DLR DOW DUK EA EBAY ECL ELV EMR EOG EQIX ETN EW EXC F FAST FCX FDX FTNT GD GE GEHC GILD GIS GM GS HAL
    HCA HD HLT HON HUM IBM ICE IDXX INTC INTU ISRG ITW KHC KLAC KMB KMI KR LIN LLY LMT LOW LRCX LULU MA MAR MCD MCHP MCK
    MCO MDLZ MDT MELI MET MMC MMM MNST MO MPC MRK MRNA MRVL MS MU NEE NFLX NKE NOC NOW NSC NUE NXPI ODFL ORCL ORLY OXY
    PANW PAYX PCAR PEP PFE PG PGR PH PLD PLTR PM PNC PSA PSX PYPL QCOM REGN ROP ROST RTX SBUX SCHW SHW SLB SNOW SNPS
    SO SPG SPGI STZ SYK SYY T TDG TGT TJX TMO TMUS TRV TSN TXN UNH UNP UPS USB VLO VRTX VZ WDAY WELL WFC WM WMB WMT
"""
MORE_SYMBOLS = tuple(_MORE.split())

_FIRST = (
    "Ada Björn Carmen Dinesh Elif Farid Greta Hugo Ines Jonas Keiko Lena Mateo Nadia Oskar Priya Quentin Rosa Sven "
    "Tamara Ulrike Viktor Wanda Xavier Yara Zoë"
)
FIRST_NAMES = tuple(_FIRST.split())

_LAST = (
    "Almeida Bakker Conti Dubois Eriksen Fischer García Hofmann Ito Janssen Kowalski Lindqvist Moreau Novák Okafor "
    "Petrov Quist Rossi Schneider Tanaka Ueda Visser Weber Xu Yildiz Zimmermann"
)
LAST_NAMES = tuple(_LAST.split())

PROJECTS: tuple[tuple[str, str], ...] = (
    ("HBR", "Harbour Bridge Renewal"),
    ("SLR", "Solar Roof Programme"),
    ("CLM", "Claims Platform Migration"),
    ("MTR", "Metro Line 4 Signalling"),
    ("WTR", "Water Treatment Plant North"),
    ("DTL", "Digital Tax Ledger"),
    ("HSP", "St. Anna Hospital Wing"),
    ("FBR", "Rural Fibre Roll-out"),
    ("ARC", "City Archive Digitisation"),
    ("EVC", "Charging Network Phase II"),
    ("LAB", "Forensic Laboratory Fit-out"),
    ("RSK", "Counterparty Risk Engine"),
)

MILESTONES = (
    "Feasibility study",
    "Permits and tendering",
    "Detailed design",
    "Ground works",
    "Procurement",
    "First delivery",
    "Integration tests",
    "Acceptance",
    "Handover",
)

SUPPLIERS = (
    "Bauer & Söhne GmbH",
    "Van der Meer Engineering B.V.",
    "Northwind Consulting Ltd",
    "Ateliers Lefèvre SA",
    "Ibérica de Obras S.L.",
    "Kestrel Software Ltd",
    "Alpenland Logistik AG",
    "Meridian Survey Partners",
)

TASKS: tuple[tuple[str, str], ...] = (
    ("process_dataset", "Process the broker statements of {month}"),
    ("generate_report", "Monthly exposure report for {month}"),
    ("cleanup_old_data", "Remove staging older than 30 days"),
    ("verify_ledger", "Recompute the ledger of {month}"),
    ("refresh_dashboard", "Refresh the project dashboard"),
)

-- divide_to_six_places(part, whole): the quotient of two HUGEINTs, whole above zero, as DECIMAL(38, 6), halves rounded
-- away from zero.
CREATE MACRO divide_to_six_places(part, whole) AS (
    CAST(sign(part) * ((abs(part) * 1000000 + whole // 2) // nullif(whole, 0)) AS DECIMAL(38, 0)) * 0.000001
)

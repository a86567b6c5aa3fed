-- ratio(part, whole): part / whole with six places, halves rounded away from zero; null unless whole is above zero.
-- DuckDB divides decimals as doubles, so the division is made on whole numbers: both operands in units of 10^-18 (that
-- is exact), or rounded to 10^-6 where one of them reaches 10^13 and its units would not fit into 128 bits.
CREATE MACRO ratio(part, whole) AS (
    CASE
        WHEN whole > 0 AND whole < 10000000000000 AND abs(part) < 10000000000000 THEN
            divide_to_six_places(units(CAST(part AS DECIMAL(38, 18))), units(CAST(whole AS DECIMAL(38, 18))))
        WHEN whole > 0 THEN
            divide_to_six_places(units(CAST(part AS DECIMAL(38, 6))), units(CAST(whole AS DECIMAL(38, 6))))
    END
)

-- units(amount): a decimal as the whole number of its smallest units, such as 1.50 -> 150, as HUGEINT.
-- Through text, because a decimal cannot be multiplied by 10^18 without overflow.
CREATE MACRO units(amount) AS (
    CAST(replace(CAST(amount AS VARCHAR), '.', '') AS HUGEINT)
)

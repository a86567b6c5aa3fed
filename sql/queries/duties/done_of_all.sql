-- What is done of these duties in these periods, and whether there is anything to do duties on.
-- grain: one row per duty and period that is done
-- columns: duty, period
-- parameters: duties, periods (text[])
SELECT duty, period FROM duties WHERE duty = ANY (%(duties)s::text[]) AND period = ANY (%(periods)s::text[])

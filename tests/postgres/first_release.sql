-- Rows of the first release, as its own statements left them: three months, one file, its second generation.
-- grain: rows in; no columns come back.
CREATE TABLE trading_operations_2024_01 PARTITION OF trading_operations FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE trading_operations_2024_02 PARTITION OF trading_operations FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE trading_operations_2024_03 PARTITION OF trading_operations FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
INSERT INTO generations (generation, run_id, committed_at, lake)
SELECT n, 'run-' || n, now(), '{}' FROM generate_series(1, 2) AS n;
INSERT INTO files (file_id, source, user_id, sha256, name, size, status, records, generation, landed_at)
VALUES (md5('f')::uuid, 'nexus', 'ann', repeat('0', 64), 'first.csv', 1, 'published', 60000, 2, now());
INSERT INTO trading_operations
    (operation_id, date, user_id, category, amount, currency, source, file_id, record_no, row_fp)
SELECT md5('o' || n)::uuid, date '2024-01-01' + n % 90, 'u' || n % 500, 'trade', n / 100.0, 'EUR', 'nexus',
       md5('f')::uuid, n, n
FROM generate_series(1, 60000) AS n;

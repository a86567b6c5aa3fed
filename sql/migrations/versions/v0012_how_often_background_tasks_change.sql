CREATE TABLE background_task_changes (
  one BIGINT NOT NULL,
  changes BIGINT NOT NULL,
  CONSTRAINT background_task_changes_pkey PRIMARY KEY (one),
  CONSTRAINT background_task_changes_one_check CHECK (one = 1),
  CONSTRAINT background_task_changes_changes_non_negative CHECK (changes >= 0)
);
COMMENT ON TABLE background_task_changes IS 'One row: how often background_tasks was written to. A trigger counts, in the transaction that writes, so that an answer kept under this number is never older than the tasks.';
COMMENT ON COLUMN background_task_changes.one IS 'Always 1';
COMMENT ON COLUMN background_task_changes.changes IS 'So many statements';
INSERT INTO background_task_changes (one, changes) VALUES (1, 0);

CREATE FUNCTION count_background_task_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.background_task_changes AS kept (one, changes) VALUES (1, 1)
  ON CONFLICT (one) DO UPDATE SET changes = kept.changes + 1;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION count_background_task_change() IS 'As its owner, because who writes tasks may write nothing else.';

-- Before the statement: whoever writes takes the one row before any task, so that two of them cannot wait for each other.
CREATE TRIGGER background_tasks_counted BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON background_tasks
FOR EACH STATEMENT EXECUTE FUNCTION count_background_task_change();

-- The book of alerts, and of the messages about them.
-- grain: DDL; no columns come back.
CREATE TABLE alerts (
  alert_id UUID NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  severity TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  fired_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  resolved_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT alerts_pkey PRIMARY KEY (alert_id),
  CONSTRAINT alerts_severity_values CHECK (severity IN ('warning', 'critical'))
);
CREATE UNIQUE INDEX alerts_kind_subject_key ON alerts (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_fired_at_idx ON alerts (fired_at);
COMMENT ON TABLE alerts IS 'One row per time that something went wrong, from its firing to its end; at most one is open for a subject.';
COMMENT ON COLUMN alerts.alert_id IS 'First 128 bits of the SHA-256 of kind, subject and fired_at';
COMMENT ON COLUMN alerts.kind IS 'What is wrong, such as source_late';
COMMENT ON COLUMN alerts.subject IS 'With what: a source, a job, a check, a folder';
COMMENT ON COLUMN alerts.severity IS 'How bad';
COMMENT ON COLUMN alerts.message IS 'For people: what was seen when it was last looked at';
COMMENT ON COLUMN alerts.fired_at IS 'When it was first seen';
COMMENT ON COLUMN alerts.seen_at IS 'When it was last seen';
COMMENT ON COLUMN alerts.resolved_at IS 'When it was found to be over; null while it is not';

CREATE TABLE alert_deliveries (
  alert_id UUID NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  channel TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  error TEXT COLLATE "C",
  CONSTRAINT alert_deliveries_pkey PRIMARY KEY (alert_id, event, channel),
  CONSTRAINT alert_deliveries_event_values CHECK (event IN ('fired', 'resolved')),
  CONSTRAINT alert_deliveries_attempts_non_negative CHECK (attempts >= 0)
);
CREATE INDEX alert_deliveries_due_at_idx ON alert_deliveries (due_at) WHERE sent_at IS NULL;
COMMENT ON TABLE alert_deliveries IS 'One row per alert, event and channel: written with the alert, so that a killed process forgets nobody.';
COMMENT ON COLUMN alert_deliveries.alert_id IS 'The alert';
COMMENT ON COLUMN alert_deliveries.event IS 'What is told';
COMMENT ON COLUMN alert_deliveries.channel IS '`log`, or scheme and a hash of a URL of NEXUS_NOTIFY';
COMMENT ON COLUMN alert_deliveries.attempts IS 'How often it was tried';
COMMENT ON COLUMN alert_deliveries.due_at IS 'When to try next: later and later, a day at most';
COMMENT ON COLUMN alert_deliveries.sent_at IS 'When it was delivered; null while it is not';
COMMENT ON COLUMN alert_deliveries.error IS 'What the last try came to';

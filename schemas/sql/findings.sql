-- Runs of drift detection and the events that they found, under the names of the product that the payer rule comes
-- from. A segment of other columns than payer and CPT group stands in `segment` alone.

CREATE TABLE IF NOT EXISTS report_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_type text NOT NULL,
    status text NOT NULL,
    started_at timestamptz NOT NULL,
    summary jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS drift_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report_run_id bigint NOT NULL REFERENCES report_run ON DELETE CASCADE,
    detector text NOT NULL,
    payer text,
    cpt_group text,
    segment jsonb NOT NULL,
    drift_type text NOT NULL,
    baseline_value double precision,
    current_value double precision,
    delta_value double precision NOT NULL,
    severity double precision NOT NULL,
    confidence double precision NOT NULL,
    baseline_start date NOT NULL,
    baseline_end date NOT NULL,
    current_start date NOT NULL,
    current_end date NOT NULL,
    baseline_n bigint NOT NULL,
    current_n bigint NOT NULL,
    p_value double precision,
    q_value double precision,
    first_day date,
    impact_dollars double precision,
    causes jsonb,
    UNIQUE (report_run_id, detector, segment, drift_type, current_end)
);

CREATE INDEX IF NOT EXISTS drift_event_segment ON drift_event (payer, cpt_group, drift_type);

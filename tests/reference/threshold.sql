-- The payer drift rule in SQL (DuckDB 1.1 or later): a second route to the events of the detector `threshold`.
--
-- Written from the rule's description and sharing nothing with the Rust code: windows by the submitted date,
-- medians by DuckDB, arithmetic in DOUBLE in the order of the original. Set before running it:
--   claims (path or glob of Parquet files), as_of (DATE), baseline_days, current_days, min_volume (INTEGER).
-- Literals are cast because DuckDB reads 0.05 as a DECIMAL.
WITH claim AS (
    SELECT
        payer::VARCHAR AS payer,
        cpt_group::VARCHAR AS cpt_group,
        submitted_date::DATE >= getvariable('as_of') - getvariable('current_days')::INTEGER AS is_current,
        outcome::VARCHAR = 'DENIED' AS is_denied,
        decided_date::DATE - submitted_date::DATE AS delay_days
    FROM read_parquet(getvariable('claims'))
    WHERE outcome::VARCHAR IN ('PAID', 'DENIED')
        AND submitted_date::DATE < getvariable('as_of')
        AND submitted_date::DATE
            >= getvariable('as_of') - getvariable('current_days')::INTEGER - getvariable('baseline_days')::INTEGER
        AND payer IS NOT NULL
        AND cpt_group IS NOT NULL
        AND decided_date IS NOT NULL
),
measured AS (
    SELECT
        payer,
        cpt_group,
        count(*) FILTER (NOT is_current) AS baseline_n,
        count(*) FILTER (is_current) AS current_n,
        count(*) FILTER (NOT is_current AND is_denied) AS baseline_denied,
        count(*) FILTER (is_current AND is_denied) AS current_denied,
        median(delay_days) FILTER (NOT is_current)::DOUBLE AS baseline_days,
        median(delay_days) FILTER (is_current)::DOUBLE AS current_days
    FROM claim
    GROUP BY payer, cpt_group
),
metric AS (
    SELECT
        payer, cpt_group, baseline_n, current_n,
        'DENIAL_RATE' AS drift_type,
        baseline_denied::DOUBLE / baseline_n::DOUBLE AS baseline_value,
        current_denied::DOUBLE / current_n::DOUBLE AS current_value,
        0.05::DOUBLE AS absolute_threshold
    FROM measured
    WHERE least(baseline_n, current_n) >= getvariable('min_volume')
    UNION ALL
    SELECT
        payer, cpt_group, baseline_n, current_n,
        'DECISION_TIME', baseline_days, current_days, 3::DOUBLE
    FROM measured
    WHERE least(baseline_n, current_n) >= getvariable('min_volume')
),
compared AS (
    SELECT *, current_value - baseline_value AS delta_value FROM metric
)
SELECT
    payer,
    cpt_group,
    drift_type,
    baseline_value,
    current_value,
    delta_value,
    CASE drift_type
        WHEN 'DENIAL_RATE' THEN least(abs(delta_value) * 2::DOUBLE, 1::DOUBLE)
        ELSE least(abs(delta_value) / 10::DOUBLE, 1::DOUBLE)
    END AS severity,
    least((baseline_n + current_n)::DOUBLE / (getvariable('min_volume') * 4)::DOUBLE, 1::DOUBLE) AS confidence,
    (getvariable('as_of') - getvariable('current_days')::INTEGER
        - getvariable('baseline_days')::INTEGER)::DATE::VARCHAR AS baseline_start,
    (getvariable('as_of') - getvariable('current_days')::INTEGER)::DATE::VARCHAR AS baseline_end,
    (getvariable('as_of') - getvariable('current_days')::INTEGER)::DATE::VARCHAR AS current_start,
    getvariable('as_of')::VARCHAR AS current_end,
    baseline_n,
    current_n
FROM compared
WHERE abs(delta_value) >= absolute_threshold
    OR (baseline_value > 0::DOUBLE AND abs(delta_value / baseline_value) >= 0.5::DOUBLE)
ORDER BY payer, cpt_group, drift_type;

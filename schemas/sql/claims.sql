CREATE TABLE "public"."claims" (
    "claim_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "payer" text NOT NULL,
    "cpt" text NOT NULL,
    "cpt_group" text NOT NULL,
    "location" text,
    "service_date" date NOT NULL,
    "submitted_date" date NOT NULL,
    "decided_date" date NOT NULL,
    "payment_date" date,
    "outcome" text NOT NULL,
    "billed_amount" numeric(12,2) NOT NULL,
    "allowed_amount" numeric(12,2),
    "paid_amount" numeric(12,2),
    "denial_reason_code" text,
    "denial_reason_text" text,
    "authorization_required" boolean NOT NULL,
    "authorization_obtained" boolean NOT NULL,
    "authorization_number" text,
    "procedure_count" smallint NOT NULL,
    "modifier_codes" text[] NOT NULL,
    "diagnosis_codes" text[] NOT NULL,
    "submitted_via" text NOT NULL,
    "data_quality_score" double precision NOT NULL,
    "validation_passed" boolean NOT NULL,
    "source_data_hash" text NOT NULL
);
COMMENT ON TABLE "public"."claims" IS 'Health insurance claims of one customer: submitted, decided and paid over a year, with injected drift';
COMMENT ON COLUMN "public"."claims"."claim_id" IS 'Unique in the dataset: the customer''s number and the claim''s place in the order of submission';
COMMENT ON COLUMN "public"."claims"."customer_id" IS 'The tenant whose claims these are';
COMMENT ON COLUMN "public"."claims"."payer" IS 'The insurer that decides on the claim; fictitious';
COMMENT ON COLUMN "public"."claims"."cpt" IS 'The procedure billed, as a CPT code';
COMMENT ON COLUMN "public"."claims"."cpt_group" IS 'The kind of service that the CPT code belongs to; payer × cpt_group is the segment of drift detection';
COMMENT ON COLUMN "public"."claims"."location" IS 'The site of the service; missing on some claims';
COMMENT ON COLUMN "public"."claims"."service_date" IS 'The day of the service; some days before the claim is submitted';
COMMENT ON COLUMN "public"."claims"."submitted_date" IS 'The day the claim was sent to the payer; the rows are in this order';
COMMENT ON COLUMN "public"."claims"."decided_date" IS 'The day the payer decided, be it after as_of: the year is told with all its decisions known';
COMMENT ON COLUMN "public"."claims"."payment_date" IS 'The day the money came, be it after as_of; on paid claims only';
COMMENT ON COLUMN "public"."claims"."outcome" IS 'PAID, DENIED, or OTHER for what is pended, withdrawn or paid in part; OTHER counts for neither rate';
COMMENT ON COLUMN "public"."claims"."billed_amount" IS 'What the provider asks for, in dollars; its median depends on the procedure';
COMMENT ON COLUMN "public"."claims"."allowed_amount" IS 'What the contract allows of the billed amount, in dollars; missing where the payer did not say';
COMMENT ON COLUMN "public"."claims"."paid_amount" IS 'What the payer paid of the allowed amount, in dollars; the rest is the patient''s share. 0 unless paid, missing where the allowed amount is';
COMMENT ON COLUMN "public"."claims"."denial_reason_code" IS 'Why the claim was denied, as a claim adjustment reason code (CARC); on denied claims only';
COMMENT ON COLUMN "public"."claims"."denial_reason_text" IS 'The reason in words; on denied claims only';
COMMENT ON COLUMN "public"."claims"."authorization_required" IS 'Whether the payer wants to be asked before this kind of service';
COMMENT ON COLUMN "public"."claims"."authorization_obtained" IS 'Whether a required authorization was given in time; false where none is required';
COMMENT ON COLUMN "public"."claims"."authorization_number" IS 'The number of the authorization; where one was obtained';
COMMENT ON COLUMN "public"."claims"."procedure_count" IS 'Lines on the claim';
COMMENT ON COLUMN "public"."claims"."modifier_codes" IS 'Procedure modifiers, if any';
COMMENT ON COLUMN "public"."claims"."diagnosis_codes" IS 'What the patient has, as ICD-10-CM codes, most important first; up to four';
COMMENT ON COLUMN "public"."claims"."submitted_via" IS 'How the claim reached the payer';
COMMENT ON COLUMN "public"."claims"."data_quality_score" IS 'How complete and plausible the source record was, from 0 to 1';
COMMENT ON COLUMN "public"."claims"."validation_passed" IS 'Whether the record passed the checks at intake; paper fails more often';
COMMENT ON COLUMN "public"."claims"."source_data_hash" IS 'A fingerprint of the source record; unique in the dataset';
ALTER TABLE "public"."claims" ADD CONSTRAINT "claims_pkey" PRIMARY KEY ("claim_id");
CREATE INDEX "claims_customer_id_submitted_date_idx" ON "public"."claims" ("customer_id", "submitted_date");
CREATE INDEX "claims_payer_cpt_group_submitted_date_idx" ON "public"."claims" ("payer", "cpt_group", "submitted_date");

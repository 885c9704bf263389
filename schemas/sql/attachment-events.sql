CREATE TABLE "public"."xact_events_raw" (
    "type" text,
    "version" integer NOT NULL,
    "utcDateTime" timestamp with time zone NOT NULL,
    "traceId" text,
    "eventId" text,
    "data" jsonb NOT NULL,
    "customer_id" integer NOT NULL
);
COMMENT ON TABLE "public"."xact_events_raw" IS 'Property-claim events with attachments as a broker delivers them, and the rows and tasks that follow from them';
COMMENT ON COLUMN "public"."xact_events_raw"."type" IS 'The event type; what stands behind the last dot is its status subtype. Missing: a parse error';
COMMENT ON COLUMN "public"."xact_events_raw"."version" IS 'The version of the form of the event';
COMMENT ON COLUMN "public"."xact_events_raw"."utcDateTime" IS 'When the event happened, in UTC; the rows are in this order';
COMMENT ON COLUMN "public"."xact_events_raw"."traceId" IS 'The identity of the event; repeats of an event have the same. Missing: a parse error';
COMMENT ON COLUMN "public"."xact_events_raw"."eventId" IS 'UUIDv5 of the trace id, so that replays make the same';
COMMENT ON COLUMN "public"."xact_events_raw"."data" IS 'The payload; `attachments` are presigned addresses';
COMMENT ON COLUMN "public"."xact_events_raw"."customer_id" IS 'The tenant whose data these are; not on the wire';
CREATE INDEX "xact_events_raw_traceId_idx" ON "public"."xact_events_raw" ("traceId");

CREATE TABLE "public"."xact_events" (
    "type" text,
    "status_subtype" text NOT NULL,
    "version" integer NOT NULL,
    "trace_id" text NOT NULL,
    "event_id" text,
    "customer_id" integer NOT NULL,
    "ingested_at" timestamp with time zone NOT NULL,
    "event_date" date NOT NULL,
    "description" text,
    "assignment_id" text,
    "original_assignment_id" text,
    "xn_address" text,
    "carrier_id" text,
    "estimate_version" text,
    "note" text,
    "author" text,
    "sender_reviewer_name" text,
    "sender_reviewer_email" text,
    "carrier_reviewer_name" text,
    "carrier_reviewer_email" text,
    "event_datetime_mdt" text NOT NULL,
    "attachments" text NOT NULL,
    "claim_number" text,
    "contact_type" text,
    "contact_name" text,
    "contact_phone_type" text,
    "contact_phone_number" text,
    "contact_phone_extension" text,
    "contact_email_address" text,
    "raw_json" text,
    "created_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."xact_events" IS 'The event table: a row for each well-formed event, flat';
COMMENT ON COLUMN "public"."xact_events"."type" IS 'The event type';
COMMENT ON COLUMN "public"."xact_events"."status_subtype" IS 'What stands behind the last dot of the type';
COMMENT ON COLUMN "public"."xact_events"."version" IS 'The version of the form of the event';
COMMENT ON COLUMN "public"."xact_events"."trace_id" IS 'The identity of the event';
COMMENT ON COLUMN "public"."xact_events"."event_id" IS 'UUIDv5 of the trace id';
COMMENT ON COLUMN "public"."xact_events"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."xact_events"."ingested_at" IS 'When the event happened, not when it came';
COMMENT ON COLUMN "public"."xact_events"."event_date" IS 'The day of the event; the table is partitioned by it';
COMMENT ON COLUMN "public"."xact_events"."description" IS 'What happened, in a sentence';
COMMENT ON COLUMN "public"."xact_events"."assignment_id" IS 'The assignment; without it nothing is fetched';
COMMENT ON COLUMN "public"."xact_events"."original_assignment_id" IS 'The assignment that this one continues';
COMMENT ON COLUMN "public"."xact_events"."xn_address" IS 'Where the loss is';
COMMENT ON COLUMN "public"."xact_events"."carrier_id" IS 'The carrier';
COMMENT ON COLUMN "public"."xact_events"."estimate_version" IS 'The version of the estimate; of estimates only';
COMMENT ON COLUMN "public"."xact_events"."note" IS 'A remark';
COMMENT ON COLUMN "public"."xact_events"."author" IS 'Who wrote the remark';
COMMENT ON COLUMN "public"."xact_events"."sender_reviewer_name" IS 'Who reviewed it for the sender';
COMMENT ON COLUMN "public"."xact_events"."sender_reviewer_email" IS 'How to reach them';
COMMENT ON COLUMN "public"."xact_events"."carrier_reviewer_name" IS 'Who reviewed it for the carrier';
COMMENT ON COLUMN "public"."xact_events"."carrier_reviewer_email" IS 'How to reach them';
COMMENT ON COLUMN "public"."xact_events"."event_datetime_mdt" IS 'Local time in the mountain zone';
COMMENT ON COLUMN "public"."xact_events"."attachments" IS 'The addresses of all attachments with commas between them; empty when there are none';
COMMENT ON COLUMN "public"."xact_events"."claim_number" IS 'The claim at the carrier';
COMMENT ON COLUMN "public"."xact_events"."contact_type" IS 'Who is to be called';
COMMENT ON COLUMN "public"."xact_events"."contact_name" IS 'Their name';
COMMENT ON COLUMN "public"."xact_events"."contact_phone_type" IS 'Which phone it is';
COMMENT ON COLUMN "public"."xact_events"."contact_phone_number" IS 'The number';
COMMENT ON COLUMN "public"."xact_events"."contact_phone_extension" IS 'The extension';
COMMENT ON COLUMN "public"."xact_events"."contact_email_address" IS 'The address';
COMMENT ON COLUMN "public"."xact_events"."raw_json" IS 'The event as it came: for the pipeline to fill in';
COMMENT ON COLUMN "public"."xact_events"."created_at" IS 'When a correct pipeline would have written the row';
ALTER TABLE "public"."xact_events" ADD CONSTRAINT "xact_events_pkey" PRIMARY KEY ("trace_id");
CREATE INDEX "xact_events_event_date_idx" ON "public"."xact_events" ("event_date");
CREATE INDEX "xact_events_assignment_id_idx" ON "public"."xact_events" ("assignment_id");

CREATE TABLE "public"."xact_download_tasks" (
    "media_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "trace_id" text NOT NULL,
    "attachment_url" text NOT NULL,
    "blob_path" text NOT NULL,
    "status_subtype" text NOT NULL,
    "file_type" text NOT NULL,
    "assignment_id" text NOT NULL,
    "estimate_version" text,
    "retry_count" smallint NOT NULL,
    "event_type" text NOT NULL,
    "event_subtype" text NOT NULL,
    "original_timestamp" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."xact_download_tasks" IS 'A task for each attachment of each event that may be fetched';
COMMENT ON COLUMN "public"."xact_download_tasks"."media_id" IS 'UUIDv5 of the trace id and the address, the same in every replay';
COMMENT ON COLUMN "public"."xact_download_tasks"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."xact_download_tasks"."trace_id" IS 'The event';
COMMENT ON COLUMN "public"."xact_download_tasks"."attachment_url" IS 'The presigned address';
COMMENT ON COLUMN "public"."xact_download_tasks"."blob_path" IS 'Where the file goes in the store';
COMMENT ON COLUMN "public"."xact_download_tasks"."status_subtype" IS 'What stands behind the last dot of the event type';
COMMENT ON COLUMN "public"."xact_download_tasks"."file_type" IS 'The extension in upper case';
COMMENT ON COLUMN "public"."xact_download_tasks"."assignment_id" IS 'The assignment';
COMMENT ON COLUMN "public"."xact_download_tasks"."estimate_version" IS 'The version of the estimate; of estimates only';
COMMENT ON COLUMN "public"."xact_download_tasks"."retry_count" IS 'Earlier tries; few tasks come from a retry topic';
COMMENT ON COLUMN "public"."xact_download_tasks"."event_type" IS 'The domain, which decides on the store';
COMMENT ON COLUMN "public"."xact_download_tasks"."event_subtype" IS 'The same as status_subtype';
COMMENT ON COLUMN "public"."xact_download_tasks"."original_timestamp" IS 'When the event happened';
ALTER TABLE "public"."xact_download_tasks" ADD CONSTRAINT "xact_download_tasks_pkey" PRIMARY KEY ("media_id");
CREATE INDEX "xact_download_tasks_trace_id_idx" ON "public"."xact_download_tasks" ("trace_id");
CREATE INDEX "xact_download_tasks_assignment_id_idx" ON "public"."xact_download_tasks" ("assignment_id");
ALTER TABLE "public"."xact_download_tasks" ADD CONSTRAINT "xact_download_tasks_trace_id_fkey" FOREIGN KEY ("trace_id") REFERENCES "public"."xact_events" ("trace_id");

CREATE TABLE "public"."xact_expected_results" (
    "media_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "trace_id" text NOT NULL,
    "answer" text NOT NULL,
    "status" text NOT NULL,
    "error_category" text,
    "bytes_downloaded" bigint NOT NULL
);
COMMENT ON TABLE "public"."xact_expected_results" IS 'How the download of each task ends in a correct pipeline: what a test checks its results against';
COMMENT ON COLUMN "public"."xact_expected_results"."media_id" IS 'The task';
COMMENT ON COLUMN "public"."xact_expected_results"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."xact_expected_results"."trace_id" IS 'The event';
COMMENT ON COLUMN "public"."xact_expected_results"."answer" IS 'The first answer of the server; `expired` addresses are never asked';
COMMENT ON COLUMN "public"."xact_expected_results"."status" IS 'completed, failed (transient to the end) or failed_permanent';
COMMENT ON COLUMN "public"."xact_expected_results"."error_category" IS 'transient or permanent; of failures only';
COMMENT ON COLUMN "public"."xact_expected_results"."bytes_downloaded" IS 'The size of the file; 0 when it was not fetched';
ALTER TABLE "public"."xact_expected_results" ADD CONSTRAINT "xact_expected_results_pkey" PRIMARY KEY ("media_id");
ALTER TABLE "public"."xact_expected_results" ADD CONSTRAINT "xact_expected_results_media_id_fkey" FOREIGN KEY ("media_id") REFERENCES "public"."xact_download_tasks" ("media_id");

CREATE TABLE "public"."xact_faults" (
    "customer_id" integer NOT NULL,
    "trace_id" text NOT NULL,
    "fault" text NOT NULL,
    "event_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."xact_faults" IS 'The events that a pipeline must refuse or leave alone, and why';
COMMENT ON COLUMN "public"."xact_faults"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."xact_faults"."trace_id" IS 'The event, also where the event itself does not say it';
COMMENT ON COLUMN "public"."xact_faults"."fault" IS 'What is wrong with it';
COMMENT ON COLUMN "public"."xact_faults"."event_at" IS 'When it happened';

CREATE TABLE "public"."recordings" (
    "id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "path" text,
    "file_name" text,
    "format" text NOT NULL,
    "bytes" bigint,
    "sha256" text,
    "xxh128" text,
    "duration_s" double precision,
    "sample_rate" bigint NOT NULL,
    "channels" smallint NOT NULL,
    "bits" bigint,
    "bitrate" bigint,
    "bitrate_mode" text,
    "tags" jsonb NOT NULL,
    "truth" jsonb NOT NULL,
    "size_class" text,
    "priority_inputs" jsonb NOT NULL,
    "expected_priority" bigint,
    "seed" bigint NOT NULL,
    "fault" text NOT NULL,
    "copy_kind" text NOT NULL,
    "copy_of" text,
    "processing_status" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."recordings" IS 'A library of audio recordings: tracks, DJ mixes and clips with their formats, tags and musical truth';
COMMENT ON COLUMN "public"."recordings"."id" IS 'Unique';
COMMENT ON COLUMN "public"."recordings"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."recordings"."path" IS 'Where the file lies, below the library';
COMMENT ON COLUMN "public"."recordings"."file_name" IS 'The name in its folder';
COMMENT ON COLUMN "public"."recordings"."format" IS 'The format of the content';
COMMENT ON COLUMN "public"."recordings"."bytes" IS 'The size of the file';
COMMENT ON COLUMN "public"."recordings"."sha256" IS 'SHA-256 of the file; missing until the file is made';
COMMENT ON COLUMN "public"."recordings"."xxh128" IS 'XXH3-128 of the file; missing until the file is made';
COMMENT ON COLUMN "public"."recordings"."duration_s" IS 'Seconds of audio that the whole file has';
COMMENT ON COLUMN "public"."recordings"."sample_rate" IS 'Samples a second';
COMMENT ON COLUMN "public"."recordings"."channels" IS '1 or 2';
COMMENT ON COLUMN "public"."recordings"."bits" IS 'Bits a sample; only of formats that keep every sample';
COMMENT ON COLUMN "public"."recordings"."bitrate" IS 'Bits a second; of formats that keep every sample, the whole file over its duration';
COMMENT ON COLUMN "public"."recordings"."bitrate_mode" IS 'CBR or VBR; only of lossy formats';
COMMENT ON COLUMN "public"."recordings"."tags" IS 'What the tags of the file say';
COMMENT ON COLUMN "public"."recordings"."truth" IS 'What an analysis should find: tempo (beats a minute) and, of mixes, its course and that of the key over seconds, key, scale, kind, and the first beat; each further beat comes when bpm/60, summed up over the seconds since the first, reaches the next whole number, bpm being the last of the course';
COMMENT ON COLUMN "public"."recordings"."size_class" IS 'small below 1 MB, medium below 10 MB, large below 100 MB, huge beyond';
COMMENT ON COLUMN "public"."recordings"."priority_inputs" IS 'What raises the priority of a job beside format and size';
COMMENT ON COLUMN "public"."recordings"."expected_priority" IS 'The priority that a queue gives it, from 1 to 10; the largest goes first';
COMMENT ON COLUMN "public"."recordings"."seed" IS 'The seed of the content: copies have that of their original';
COMMENT ON COLUMN "public"."recordings"."fault" IS 'What is wrong with the file; none of most';
COMMENT ON COLUMN "public"."recordings"."copy_kind" IS 'Whether the audio was there before: none, exact (the same file again) or retagged (only the tags differ)';
COMMENT ON COLUMN "public"."recordings"."copy_of" IS 'The recording that it is a copy of; missing for originals';
COMMENT ON COLUMN "public"."recordings"."processing_status" IS 'Where the analysis of it stands';
COMMENT ON COLUMN "public"."recordings"."created_at" IS 'When it was added';
ALTER TABLE "public"."recordings" ADD CONSTRAINT "recordings_pkey" PRIMARY KEY ("id");
CREATE INDEX "recordings_format_idx" ON "public"."recordings" ("format");
CREATE INDEX "recordings_created_at_idx" ON "public"."recordings" ("created_at");

CREATE TABLE "public"."recording_metadata" (
    "recording_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "key" text NOT NULL,
    "value" text
);
COMMENT ON TABLE "public"."recording_metadata" IS 'What a catalogue stores of each recording, as keys and values';
COMMENT ON COLUMN "public"."recording_metadata"."recording_id" IS 'The recording';
COMMENT ON COLUMN "public"."recording_metadata"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."recording_metadata"."key" IS 'Which of its facts';
COMMENT ON COLUMN "public"."recording_metadata"."value" IS 'Its value, as text';
ALTER TABLE "public"."recording_metadata" ADD CONSTRAINT "recording_metadata_pkey" PRIMARY KEY ("recording_id", "key");
CREATE INDEX "recording_metadata_key_idx" ON "public"."recording_metadata" ("key");
ALTER TABLE "public"."recording_metadata" ADD CONSTRAINT "recording_metadata_recording_id_fkey" FOREIGN KEY ("recording_id") REFERENCES "public"."recordings" ("id");

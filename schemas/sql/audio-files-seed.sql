CREATE TABLE "public"."seed_recordings" (
    "id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "path" text,
    "file_name" text,
    "format" text,
    "bytes" bigint,
    "sha256" text,
    "xxh128" text,
    "size_class" text,
    "simulated_work_ms" bigint,
    "expected_priority" bigint,
    "seed" bigint NOT NULL,
    "fault" text NOT NULL,
    "processing_status" text NOT NULL,
    "created_on" date NOT NULL
);
COMMENT ON TABLE "public"."seed_recordings" IS 'The 160 files of the original audio load test, over and over: 1 KB, 100 KB and 1 MB without audio in them';
COMMENT ON COLUMN "public"."seed_recordings"."id" IS 'Unique';
COMMENT ON COLUMN "public"."seed_recordings"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."seed_recordings"."path" IS 'Where the file lies, below the library';
COMMENT ON COLUMN "public"."seed_recordings"."file_name" IS 'The name in its folder';
COMMENT ON COLUMN "public"."seed_recordings"."format" IS 'What the name of the file says';
COMMENT ON COLUMN "public"."seed_recordings"."bytes" IS 'The size of the file: KB and MB are powers of 1,024';
COMMENT ON COLUMN "public"."seed_recordings"."sha256" IS 'SHA-256 of the file; missing until the file is made';
COMMENT ON COLUMN "public"."seed_recordings"."xxh128" IS 'XXH3-128 of the file; missing until the file is made';
COMMENT ON COLUMN "public"."seed_recordings"."size_class" IS 'small: 1 KB, medium: 100 KB, large: 1 MB';
COMMENT ON COLUMN "public"."seed_recordings"."simulated_work_ms" IS 'The pause that stood for the work, in milliseconds: 10 below 10 KB, 50 below 500 KB, 200 beyond';
COMMENT ON COLUMN "public"."seed_recordings"."expected_priority" IS 'The priority that a queue gives it, as in `audio-files`: all are below 10 MB';
COMMENT ON COLUMN "public"."seed_recordings"."seed" IS 'The seed of the file''s content';
COMMENT ON COLUMN "public"."seed_recordings"."fault" IS 'No file has the header of its format';
COMMENT ON COLUMN "public"."seed_recordings"."processing_status" IS 'Where the analysis of it stands';
COMMENT ON COLUMN "public"."seed_recordings"."created_on" IS 'The day the file was made';
ALTER TABLE "public"."seed_recordings" ADD CONSTRAINT "seed_recordings_pkey" PRIMARY KEY ("id");

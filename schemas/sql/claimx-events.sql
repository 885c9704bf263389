CREATE TABLE "public"."claimx_events" (
    "event_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "event_type" text NOT NULL,
    "project_id" text NOT NULL,
    "media_id" text,
    "task_assignment_id" text,
    "video_collaboration_id" text,
    "master_file_name" text,
    "ingested_at" timestamp with time zone NOT NULL,
    "created_at" timestamp with time zone NOT NULL,
    "event_date" date NOT NULL,
    "expected_api_calls" bigint NOT NULL,
    "raw_data" jsonb NOT NULL
);
COMMENT ON TABLE "public"."claimx_events" IS 'Project events of a field-inspection portal, with the projects, contacts, media, tasks and videos they tell of';
COMMENT ON COLUMN "public"."claimx_events"."event_id" IS 'UUIDv5 of project, type, time and ids, the same in every replay';
COMMENT ON COLUMN "public"."claimx_events"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_events"."event_type" IS 'What happened';
COMMENT ON COLUMN "public"."claimx_events"."project_id" IS 'The project; digits only';
COMMENT ON COLUMN "public"."claimx_events"."media_id" IS 'The file that was added; of PROJECT_FILE_ADDED only';
COMMENT ON COLUMN "public"."claimx_events"."task_assignment_id" IS 'The task; of CUSTOM_TASK_* only';
COMMENT ON COLUMN "public"."claimx_events"."video_collaboration_id" IS 'The video session; of VIDEO_* only';
COMMENT ON COLUMN "public"."claimx_events"."master_file_name" IS 'The name that the project gets at the carrier; of PROJECT_MFN_ADDED only';
COMMENT ON COLUMN "public"."claimx_events"."ingested_at" IS 'When the event came in, in UTC; the rows are in this order';
COMMENT ON COLUMN "public"."claimx_events"."created_at" IS 'When a correct pipeline would have stored it';
COMMENT ON COLUMN "public"."claimx_events"."event_date" IS 'The day of the event';
COMMENT ON COLUMN "public"."claimx_events"."expected_api_calls" IS 'How many calls the enrichment of the event takes';
COMMENT ON COLUMN "public"."claimx_events"."raw_data" IS 'The event as the source sent it';
ALTER TABLE "public"."claimx_events" ADD CONSTRAINT "claimx_events_pkey" PRIMARY KEY ("event_id");
CREATE INDEX "claimx_events_project_id_idx" ON "public"."claimx_events" ("project_id");
CREATE INDEX "claimx_events_event_date_idx" ON "public"."claimx_events" ("event_date");

CREATE TABLE "public"."claimx_projects" (
    "project_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "project_number" text NOT NULL,
    "master_file_name" text,
    "secondary_number" text,
    "status" text NOT NULL,
    "created_date" date NOT NULL,
    "date_of_loss" date NOT NULL,
    "type_of_loss" text NOT NULL,
    "cause_of_loss" text,
    "loss_description" text,
    "customer_first_name" text NOT NULL,
    "customer_last_name" text NOT NULL,
    "street1" text NOT NULL,
    "city" text NOT NULL,
    "state_province" text NOT NULL,
    "zip_postcode" text NOT NULL,
    "primary_email" text,
    "primary_phone" text,
    "custom_attribute1" text,
    "custom_attribute2" text,
    "custom_attribute3" text,
    "coverages" text,
    "contents_task_sent" boolean NOT NULL,
    "xa_autolink_fail" boolean NOT NULL,
    "event_id" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL,
    "last_enriched_at" timestamp with time zone NOT NULL,
    "contents_task_at" timestamp with time zone,
    "xa_autolink_fail_at" timestamp with time zone
);
COMMENT ON TABLE "public"."claimx_projects" IS 'A row for each project';
COMMENT ON COLUMN "public"."claimx_projects"."project_id" IS 'The project; digits only';
COMMENT ON COLUMN "public"."claimx_projects"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_projects"."project_number" IS 'The number of the claim at the company';
COMMENT ON COLUMN "public"."claimx_projects"."master_file_name" IS 'The name at the carrier';
COMMENT ON COLUMN "public"."claimx_projects"."secondary_number" IS 'A second number, where the carrier has one';
COMMENT ON COLUMN "public"."claimx_projects"."status" IS 'Where the project stands';
COMMENT ON COLUMN "public"."claimx_projects"."created_date" IS 'The day it was created';
COMMENT ON COLUMN "public"."claimx_projects"."date_of_loss" IS 'The day of the damage: one to thirty days before';
COMMENT ON COLUMN "public"."claimx_projects"."type_of_loss" IS 'What caused the damage';
COMMENT ON COLUMN "public"."claimx_projects"."cause_of_loss" IS 'More of it';
COMMENT ON COLUMN "public"."claimx_projects"."loss_description" IS 'In words';
COMMENT ON COLUMN "public"."claimx_projects"."customer_first_name" IS 'The policyholder; made up';
COMMENT ON COLUMN "public"."claimx_projects"."customer_last_name" IS 'The policyholder; made up';
COMMENT ON COLUMN "public"."claimx_projects"."street1" IS 'The place of the damage';
COMMENT ON COLUMN "public"."claimx_projects"."city" IS 'The place of the damage';
COMMENT ON COLUMN "public"."claimx_projects"."state_province" IS 'The state';
COMMENT ON COLUMN "public"."claimx_projects"."zip_postcode" IS 'Five digits';
COMMENT ON COLUMN "public"."claimx_projects"."primary_email" IS 'How to reach the policyholder';
COMMENT ON COLUMN "public"."claimx_projects"."primary_phone" IS 'How to reach the policyholder';
COMMENT ON COLUMN "public"."claimx_projects"."custom_attribute1" IS 'A field that companies use as they like';
COMMENT ON COLUMN "public"."claimx_projects"."custom_attribute2" IS 'A field that companies use as they like';
COMMENT ON COLUMN "public"."claimx_projects"."custom_attribute3" IS 'A field that companies use as they like';
COMMENT ON COLUMN "public"."claimx_projects"."coverages" IS 'The limits that the policy has';
COMMENT ON COLUMN "public"."claimx_projects"."contents_task_sent" IS 'Whether the list of contents was asked for';
COMMENT ON COLUMN "public"."claimx_projects"."xa_autolink_fail" IS 'Whether linking to the exchange failed';
COMMENT ON COLUMN "public"."claimx_projects"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_projects"."created_at" IS 'When the event came in';
COMMENT ON COLUMN "public"."claimx_projects"."last_enriched_at" IS 'When a correct pipeline would have fetched it';
COMMENT ON COLUMN "public"."claimx_projects"."contents_task_at" IS 'When it was asked for';
COMMENT ON COLUMN "public"."claimx_projects"."xa_autolink_fail_at" IS 'When linking failed';
ALTER TABLE "public"."claimx_projects" ADD CONSTRAINT "claimx_projects_pkey" PRIMARY KEY ("project_id");
CREATE INDEX "claimx_projects_status_idx" ON "public"."claimx_projects" ("status");

CREATE TABLE "public"."claimx_contacts" (
    "project_id" text NOT NULL,
    "customer_id" integer NOT NULL,
    "contact_type" text NOT NULL,
    "first_name" text NOT NULL,
    "last_name" text NOT NULL,
    "contact_email" text NOT NULL,
    "phone_number" text,
    "phone_country_code" integer NOT NULL,
    "is_primary_contact" boolean NOT NULL,
    "master_file_name" text,
    "task_assignment_id" bigint,
    "video_collaboration_id" text,
    "event_id" text NOT NULL,
    "created_date" date NOT NULL,
    "last_enriched_at" timestamp with time zone NOT NULL,
    "created_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."claimx_contacts" IS 'A row for each person of a project';
COMMENT ON COLUMN "public"."claimx_contacts"."project_id" IS 'The project';
COMMENT ON COLUMN "public"."claimx_contacts"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_contacts"."contact_type" IS 'POLICYHOLDER or CLAIM_REP';
COMMENT ON COLUMN "public"."claimx_contacts"."first_name" IS 'Made up';
COMMENT ON COLUMN "public"."claimx_contacts"."last_name" IS 'Made up';
COMMENT ON COLUMN "public"."claimx_contacts"."contact_email" IS 'Their address';
COMMENT ON COLUMN "public"."claimx_contacts"."phone_number" IS 'Their number';
COMMENT ON COLUMN "public"."claimx_contacts"."phone_country_code" IS 'The country of the number';
COMMENT ON COLUMN "public"."claimx_contacts"."is_primary_contact" IS 'Whether to call them first';
COMMENT ON COLUMN "public"."claimx_contacts"."master_file_name" IS 'The name of the project at the carrier';
COMMENT ON COLUMN "public"."claimx_contacts"."task_assignment_id" IS 'Only of recipients of a task';
COMMENT ON COLUMN "public"."claimx_contacts"."video_collaboration_id" IS 'Only of guests of a video session';
COMMENT ON COLUMN "public"."claimx_contacts"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_contacts"."created_date" IS 'The day the project was created';
COMMENT ON COLUMN "public"."claimx_contacts"."last_enriched_at" IS 'When a correct pipeline would have fetched it';
COMMENT ON COLUMN "public"."claimx_contacts"."created_at" IS 'When the event came in';
ALTER TABLE "public"."claimx_contacts" ADD CONSTRAINT "claimx_contacts_pkey" PRIMARY KEY ("project_id", "contact_email", "contact_type");
ALTER TABLE "public"."claimx_contacts" ADD CONSTRAINT "claimx_contacts_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "public"."claimx_projects" ("project_id");

CREATE TABLE "public"."claimx_attachment_metadata" (
    "customer_id" integer NOT NULL,
    "media_id" text NOT NULL,
    "project_id" text NOT NULL,
    "file_type" text NOT NULL,
    "file_name" text,
    "file_size" bigint,
    "media_description" text,
    "task_assignment_id" text,
    "media_comment" text,
    "latitude" double precision,
    "longitude" double precision,
    "gps_source" text,
    "created_at" timestamp with time zone NOT NULL,
    "taken_at" timestamp with time zone NOT NULL,
    "full_download_link" text,
    "expires_at" timestamp with time zone NOT NULL,
    "last_enriched_at" timestamp with time zone NOT NULL,
    "event_id" text NOT NULL
);
COMMENT ON TABLE "public"."claimx_attachment_metadata" IS 'A row for each file of a project';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."media_id" IS 'The file';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."project_id" IS 'The project';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."file_type" IS 'The extension';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."file_name" IS 'The name of the file';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."file_size" IS 'Bytes';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."media_description" IS 'What it shows';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."task_assignment_id" IS 'Only of files that belong to a task';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."media_comment" IS 'What somebody said of it';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."latitude" IS 'Degrees north';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."longitude" IS 'Degrees east';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."gps_source" IS 'Where the place comes from';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."created_at" IS 'When the event came in';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."taken_at" IS 'When it was taken';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."full_download_link" IS 'Where to fetch it; links live for a day';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."expires_at" IS 'When the link ends';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."last_enriched_at" IS 'When a correct pipeline would have fetched it';
COMMENT ON COLUMN "public"."claimx_attachment_metadata"."event_id" IS 'The event that the row comes from';
ALTER TABLE "public"."claimx_attachment_metadata" ADD CONSTRAINT "claimx_attachment_metadata_pkey" PRIMARY KEY ("media_id");
CREATE INDEX "claimx_attachment_metadata_project_id_idx" ON "public"."claimx_attachment_metadata" ("project_id");
ALTER TABLE "public"."claimx_attachment_metadata" ADD CONSTRAINT "claimx_attachment_metadata_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "public"."claimx_projects" ("project_id");

CREATE TABLE "public"."claimx_tasks" (
    "assignment_id" bigint NOT NULL,
    "customer_id" integer NOT NULL,
    "task_id" bigint NOT NULL,
    "project_id" text NOT NULL,
    "assignee_id" bigint NOT NULL,
    "assignor_id" bigint NOT NULL,
    "date_assigned" timestamp with time zone NOT NULL,
    "date_completed" timestamp with time zone,
    "status" text NOT NULL,
    "stp_enabled" boolean NOT NULL,
    "mfn" text,
    "event_id" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL,
    "last_enriched_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."claimx_tasks" IS 'A row for each task that somebody was asked to do';
COMMENT ON COLUMN "public"."claimx_tasks"."assignment_id" IS 'The task';
COMMENT ON COLUMN "public"."claimx_tasks"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_tasks"."task_id" IS 'Its template, one of forty';
COMMENT ON COLUMN "public"."claimx_tasks"."project_id" IS 'The project';
COMMENT ON COLUMN "public"."claimx_tasks"."assignee_id" IS 'Who is asked';
COMMENT ON COLUMN "public"."claimx_tasks"."assignor_id" IS 'Who asks';
COMMENT ON COLUMN "public"."claimx_tasks"."date_assigned" IS 'When';
COMMENT ON COLUMN "public"."claimx_tasks"."date_completed" IS 'When its first CUSTOM_TASK_COMPLETED came in; missing where none of the events is one';
COMMENT ON COLUMN "public"."claimx_tasks"."status" IS 'Where it stands once all events are in';
COMMENT ON COLUMN "public"."claimx_tasks"."stp_enabled" IS 'Whether it may be settled without a person';
COMMENT ON COLUMN "public"."claimx_tasks"."mfn" IS 'The name of the project at the carrier';
COMMENT ON COLUMN "public"."claimx_tasks"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_tasks"."created_at" IS 'When the event came in';
COMMENT ON COLUMN "public"."claimx_tasks"."last_enriched_at" IS 'When a correct pipeline would have fetched it';
ALTER TABLE "public"."claimx_tasks" ADD CONSTRAINT "claimx_tasks_pkey" PRIMARY KEY ("assignment_id");
CREATE INDEX "claimx_tasks_project_id_idx" ON "public"."claimx_tasks" ("project_id");
ALTER TABLE "public"."claimx_tasks" ADD CONSTRAINT "claimx_tasks_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "public"."claimx_projects" ("project_id");

CREATE TABLE "public"."claimx_task_templates" (
    "task_id" bigint NOT NULL,
    "customer_id" integer NOT NULL,
    "name" text NOT NULL,
    "comp_id" integer NOT NULL,
    "description" text NOT NULL,
    "form_id" bigint NOT NULL,
    "form_name" text NOT NULL,
    "enabled" boolean NOT NULL,
    "is_default" boolean NOT NULL,
    "is_manual_delivery" boolean NOT NULL,
    "is_external_link_delivery" boolean NOT NULL,
    "provide_portal_access" boolean NOT NULL,
    "notify_assigned_send_recipient" boolean NOT NULL,
    "notify_assigned_send_recipient_sms" boolean NOT NULL,
    "notify_assigned_subject" text NOT NULL,
    "notify_task_completed" boolean NOT NULL,
    "notify_completed_subject" text NOT NULL,
    "allow_resubmit" boolean NOT NULL,
    "auto_generate_pdf" boolean NOT NULL,
    "modified_by" text NOT NULL,
    "modified_by_id" integer NOT NULL,
    "event_id" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."claimx_task_templates" IS 'The template of each task; the table merges them by task_id';
COMMENT ON COLUMN "public"."claimx_task_templates"."task_id" IS 'The template';
COMMENT ON COLUMN "public"."claimx_task_templates"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_task_templates"."name" IS 'Its name';
COMMENT ON COLUMN "public"."claimx_task_templates"."comp_id" IS 'The company that it belongs to';
COMMENT ON COLUMN "public"."claimx_task_templates"."description" IS 'What is asked for';
COMMENT ON COLUMN "public"."claimx_task_templates"."form_id" IS 'The form that it uses';
COMMENT ON COLUMN "public"."claimx_task_templates"."form_name" IS 'The name of the form';
COMMENT ON COLUMN "public"."claimx_task_templates"."enabled" IS 'Whether it can be used';
COMMENT ON COLUMN "public"."claimx_task_templates"."is_default" IS 'Whether it is taken when none is chosen';
COMMENT ON COLUMN "public"."claimx_task_templates"."is_manual_delivery" IS 'Whether a person delivers it';
COMMENT ON COLUMN "public"."claimx_task_templates"."is_external_link_delivery" IS 'Whether it is delivered as a link';
COMMENT ON COLUMN "public"."claimx_task_templates"."provide_portal_access" IS 'Whether the portal opens for it';
COMMENT ON COLUMN "public"."claimx_task_templates"."notify_assigned_send_recipient" IS 'Whether the recipient gets a mail';
COMMENT ON COLUMN "public"."claimx_task_templates"."notify_assigned_send_recipient_sms" IS 'Whether the recipient gets a text message';
COMMENT ON COLUMN "public"."claimx_task_templates"."notify_assigned_subject" IS 'The subject of that mail';
COMMENT ON COLUMN "public"."claimx_task_templates"."notify_task_completed" IS 'Whether the assignor gets a mail at the end';
COMMENT ON COLUMN "public"."claimx_task_templates"."notify_completed_subject" IS 'The subject of that mail';
COMMENT ON COLUMN "public"."claimx_task_templates"."allow_resubmit" IS 'Whether it can be answered twice';
COMMENT ON COLUMN "public"."claimx_task_templates"."auto_generate_pdf" IS 'Whether the answers become a PDF';
COMMENT ON COLUMN "public"."claimx_task_templates"."modified_by" IS 'Who changed it last';
COMMENT ON COLUMN "public"."claimx_task_templates"."modified_by_id" IS 'The number of that person';
COMMENT ON COLUMN "public"."claimx_task_templates"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_task_templates"."created_at" IS 'When the event came in';

CREATE TABLE "public"."claimx_external_links" (
    "assignment_id" bigint NOT NULL,
    "customer_id" integer NOT NULL,
    "link_id" bigint NOT NULL,
    "project_id" text NOT NULL,
    "link_code" text NOT NULL,
    "url" text NOT NULL,
    "notification_access_method" text NOT NULL,
    "country_id" integer NOT NULL,
    "state_id" bigint NOT NULL,
    "created_date" date NOT NULL,
    "accessed_count" smallint NOT NULL,
    "last_accessed" timestamp with time zone,
    "event_id" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."claimx_external_links" IS 'A link for each task that is done outside of the portal';
COMMENT ON COLUMN "public"."claimx_external_links"."assignment_id" IS 'The task';
COMMENT ON COLUMN "public"."claimx_external_links"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_external_links"."link_id" IS 'The link';
COMMENT ON COLUMN "public"."claimx_external_links"."project_id" IS 'The project';
COMMENT ON COLUMN "public"."claimx_external_links"."link_code" IS 'What the link ends with';
COMMENT ON COLUMN "public"."claimx_external_links"."url" IS 'The link';
COMMENT ON COLUMN "public"."claimx_external_links"."notification_access_method" IS 'How it was sent';
COMMENT ON COLUMN "public"."claimx_external_links"."country_id" IS '1 is the United States';
COMMENT ON COLUMN "public"."claimx_external_links"."state_id" IS 'The state of the project, by number';
COMMENT ON COLUMN "public"."claimx_external_links"."created_date" IS 'The day of the link';
COMMENT ON COLUMN "public"."claimx_external_links"."accessed_count" IS 'How often it was opened';
COMMENT ON COLUMN "public"."claimx_external_links"."last_accessed" IS 'When it was opened last; missing where it never was';
COMMENT ON COLUMN "public"."claimx_external_links"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_external_links"."created_at" IS 'When the event came in';
ALTER TABLE "public"."claimx_external_links" ADD CONSTRAINT "claimx_external_links_pkey" PRIMARY KEY ("link_id");
ALTER TABLE "public"."claimx_external_links" ADD CONSTRAINT "claimx_external_links_assignment_id_fkey" FOREIGN KEY ("assignment_id") REFERENCES "public"."claimx_tasks" ("assignment_id");

CREATE TABLE "public"."claimx_video_collab" (
    "video_collaboration_id" bigint NOT NULL,
    "customer_id" integer NOT NULL,
    "project_id" text NOT NULL,
    "claim_id" bigint NOT NULL,
    "mfn" text,
    "claim_number" text NOT NULL,
    "policy_number" text NOT NULL,
    "claim_rep_first_name" text NOT NULL,
    "claim_rep_last_name" text NOT NULL,
    "claim_rep_full_name" text NOT NULL,
    "email_user_name" text NOT NULL,
    "number_of_videos" smallint NOT NULL,
    "number_of_viewers" smallint NOT NULL,
    "number_of_photos" bigint NOT NULL,
    "session_count" smallint NOT NULL,
    "total_time_seconds" bigint NOT NULL,
    "company_id" integer NOT NULL,
    "company_name" text NOT NULL,
    "guid" text NOT NULL,
    "event_id" text NOT NULL,
    "created_at" timestamp with time zone NOT NULL,
    "created_date" date NOT NULL,
    "live_call_first_session" timestamp with time zone NOT NULL,
    "live_call_last_session" timestamp with time zone NOT NULL,
    "last_enriched_at" timestamp with time zone NOT NULL
);
COMMENT ON TABLE "public"."claimx_video_collab" IS 'A row for each video session that somebody was invited to';
COMMENT ON COLUMN "public"."claimx_video_collab"."video_collaboration_id" IS 'The session';
COMMENT ON COLUMN "public"."claimx_video_collab"."customer_id" IS 'The tenant whose data these are';
COMMENT ON COLUMN "public"."claimx_video_collab"."project_id" IS 'The project';
COMMENT ON COLUMN "public"."claimx_video_collab"."claim_id" IS 'The claim, by number';
COMMENT ON COLUMN "public"."claimx_video_collab"."mfn" IS 'The name of the project at the carrier';
COMMENT ON COLUMN "public"."claimx_video_collab"."claim_number" IS 'The claim at the carrier';
COMMENT ON COLUMN "public"."claimx_video_collab"."policy_number" IS 'The policy';
COMMENT ON COLUMN "public"."claimx_video_collab"."claim_rep_first_name" IS 'Made up';
COMMENT ON COLUMN "public"."claimx_video_collab"."claim_rep_last_name" IS 'Made up';
COMMENT ON COLUMN "public"."claimx_video_collab"."claim_rep_full_name" IS 'Both';
COMMENT ON COLUMN "public"."claimx_video_collab"."email_user_name" IS 'Who invited';
COMMENT ON COLUMN "public"."claimx_video_collab"."number_of_videos" IS 'Recorded in the session';
COMMENT ON COLUMN "public"."claimx_video_collab"."number_of_viewers" IS 'How many took part';
COMMENT ON COLUMN "public"."claimx_video_collab"."number_of_photos" IS 'Taken in the session';
COMMENT ON COLUMN "public"."claimx_video_collab"."session_count" IS 'How often they met';
COMMENT ON COLUMN "public"."claimx_video_collab"."total_time_seconds" IS 'How long they spoke';
COMMENT ON COLUMN "public"."claimx_video_collab"."company_id" IS 'The company at the video service';
COMMENT ON COLUMN "public"."claimx_video_collab"."company_name" IS 'Its name; made up';
COMMENT ON COLUMN "public"."claimx_video_collab"."guid" IS 'The id at the video service';
COMMENT ON COLUMN "public"."claimx_video_collab"."event_id" IS 'The event that the row comes from';
COMMENT ON COLUMN "public"."claimx_video_collab"."created_at" IS 'When the event came in';
COMMENT ON COLUMN "public"."claimx_video_collab"."created_date" IS 'The day of the invitation';
COMMENT ON COLUMN "public"."claimx_video_collab"."live_call_first_session" IS 'When they first met';
COMMENT ON COLUMN "public"."claimx_video_collab"."live_call_last_session" IS 'When they last met';
COMMENT ON COLUMN "public"."claimx_video_collab"."last_enriched_at" IS 'When a correct pipeline would have fetched it';
ALTER TABLE "public"."claimx_video_collab" ADD CONSTRAINT "claimx_video_collab_pkey" PRIMARY KEY ("video_collaboration_id");
ALTER TABLE "public"."claimx_video_collab" ADD CONSTRAINT "claimx_video_collab_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "public"."claimx_projects" ("project_id");

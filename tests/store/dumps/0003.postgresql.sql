CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alert_parcels (
    alert_id integer NOT NULL,
    parcel_id integer NOT NULL,
    added_at timestamp with time zone NOT NULL
);
CREATE TABLE public.alerts (
    id integer NOT NULL,
    kind character varying(24) NOT NULL,
    subject character varying(120) NOT NULL,
    occasion character varying(40) NOT NULL,
    parcel_id integer,
    shop text,
    carrier character varying(16),
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    deadline timestamp with time zone,
    state character varying(16) NOT NULL,
    reason text NOT NULL,
    closed_because character varying(20),
    proof_look_id integer,
    case_id character varying(16),
    acted_at timestamp with time zone
);
CREATE SEQUENCE public.alerts_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alerts_id_seq OWNED BY public.alerts.id;
CREATE TABLE public.canaries (
    carrier character varying(16) NOT NULL,
    tracking_number text NOT NULL,
    expected character varying(12) NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    outcome character varying(16) NOT NULL,
    "right" boolean,
    detail text
);
CREATE TABLE public.carriers (
    name character varying(16) NOT NULL,
    state character varying(8) DEFAULT 'unknown'::character varying NOT NULL,
    cooldown_since timestamp with time zone,
    cooldown_until timestamp with time zone,
    cooldown_reason text,
    last_good_look_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    doubt text,
    doubted_at timestamp with time zone,
    next_slot_at timestamp with time zone,
    failing_rounds integer DEFAULT 0 NOT NULL,
    checked_at timestamp with time zone,
    check_failure text
);
CREATE TABLE public.deliveries (
    id integer NOT NULL,
    alert_id integer NOT NULL,
    shop text,
    channel character varying(20) NOT NULL,
    recipient text NOT NULL,
    notice character varying(24) NOT NULL,
    state character varying(12) NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    recheck_since timestamp with time zone,
    lease_until timestamp with time zone,
    lease_owner character varying(80),
    sent_at timestamp with time zone,
    last_error text,
    message_id integer
);
CREATE SEQUENCE public.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;
CREATE TABLE public.events (
    id integer NOT NULL,
    parcel_id integer NOT NULL,
    carrier character varying(16) NOT NULL,
    identity character varying(64) NOT NULL,
    occurred_at timestamp with time zone,
    zone text,
    zone_assumed boolean NOT NULL,
    stage character varying(24) NOT NULL,
    is_scan boolean NOT NULL,
    code text,
    text text NOT NULL,
    location text,
    first_seen_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.events_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.evidence (
    sha256 character varying(64) NOT NULL,
    url text,
    http_status integer,
    content_type text,
    reader character varying(40) NOT NULL,
    body bytea NOT NULL,
    screenshot bytea,
    last_seen_at timestamp with time zone NOT NULL,
    size integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.heartbeats (
    name character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    ok boolean NOT NULL,
    detail text
);
CREATE TABLE public.items (
    id integer NOT NULL,
    parcel_id integer NOT NULL,
    order_number text NOT NULL,
    item_key text NOT NULL,
    sku text
);
CREATE SEQUENCE public.items_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.items_id_seq OWNED BY public.items.id;
CREATE TABLE public.looks (
    id integer NOT NULL,
    parcel_id integer NOT NULL,
    carrier character varying(16),
    looked_at timestamp with time zone NOT NULL,
    outcome character varying(16) NOT NULL,
    scanned boolean,
    detail text,
    flag character varying(24),
    evidence character varying(64),
    reader text
);
CREATE SEQUENCE public.looks_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.looks_id_seq OWNED BY public.looks.id;
CREATE TABLE public.messages (
    id integer NOT NULL,
    shop text,
    channel character varying(20) NOT NULL,
    recipient text NOT NULL,
    reference character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    lines json NOT NULL,
    closing boolean NOT NULL,
    sent_at timestamp with time zone
);
CREATE SEQUENCE public.messages_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;
CREATE TABLE public.notes (
    key character varying(40) NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.parcels (
    id integer NOT NULL,
    tracking_number text,
    order_number text,
    shop text,
    country text,
    service character varying(16),
    carrier character varying(16),
    station text,
    centre character varying(32),
    seller_status character varying(20),
    seller_status_text text,
    seller_status_at timestamp with time zone,
    cancelled_seen_at timestamp with time zone,
    created_at timestamp with time zone,
    ready_to_ship_at timestamp with time zone,
    ready_to_ship_source character varying(20),
    handed_over_at timestamp with time zone,
    handover_assumed boolean DEFAULT false NOT NULL,
    courier text,
    waybill text,
    sku text,
    scan_deadline timestamp with time zone,
    auto_cancel_at timestamp with time zone,
    calendar_estimated boolean DEFAULT false NOT NULL,
    decide_at timestamp with time zone,
    stage character varying(24),
    scanned boolean DEFAULT false NOT NULL,
    first_scan_at timestamp with time zone,
    first_seen_at timestamp with time zone NOT NULL,
    last_look_at timestamp with time zone,
    last_outcome character varying(16),
    last_good_look_at timestamp with time zone,
    last_news_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    next_look_at timestamp with time zone,
    lease_until timestamp with time zone,
    lease_owner character varying(80),
    put_off_until timestamp with time zone,
    put_off_reason text,
    superseded_at timestamp with time zone,
    archived_at timestamp with time zone,
    unverified_since timestamp with time zone,
    urged_at timestamp with time zone,
    claimed_at timestamp with time zone,
    second_carrier character varying(16),
    next_carrier character varying(16),
    case_id character varying(16),
    claim_answer character varying(16),
    claim_answered_at timestamp with time zone,
    picked_up_at timestamp with time zone
);
CREATE SEQUENCE public.parcels_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.parcels_id_seq OWNED BY public.parcels.id;
CREATE TABLE public.sightings (
    id integer NOT NULL,
    parcel_id integer NOT NULL,
    scanned_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    told_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.sightings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sightings_id_seq OWNED BY public.sightings.id;
CREATE TABLE public.snoozes (
    subject text NOT NULL,
    until timestamp with time zone NOT NULL,
    author text,
    made_at timestamp with time zone NOT NULL
);
CREATE TABLE public.vendor_accounts (
    client_id text NOT NULL,
    refresh_token text NOT NULL,
    seeds json NOT NULL,
    access_token text,
    expires_at timestamp with time zone,
    rotated_at timestamp with time zone,
    unsure_at timestamp with time zone,
    refused_at timestamp with time zone,
    lease_until timestamp with time zone,
    lease_owner character varying(80),
    next_slot_at timestamp with time zone,
    tried_at timestamp with time zone,
    synced_at timestamp with time zone,
    synced_until timestamp with time zone,
    scope text,
    problem text
);
CREATE TABLE public.wordings (
    id integer NOT NULL,
    carrier character varying(16) NOT NULL,
    normalised character varying(300) NOT NULL,
    text text NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    parcel_id integer,
    alerted_at timestamp with time zone
);
CREATE SEQUENCE public.wordings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.wordings_id_seq OWNED BY public.wordings.id;
ALTER TABLE ONLY public.alerts ALTER COLUMN id SET DEFAULT nextval('public.alerts_id_seq'::regclass);
ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.items ALTER COLUMN id SET DEFAULT nextval('public.items_id_seq'::regclass);
ALTER TABLE ONLY public.looks ALTER COLUMN id SET DEFAULT nextval('public.looks_id_seq'::regclass);
ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);
ALTER TABLE ONLY public.parcels ALTER COLUMN id SET DEFAULT nextval('public.parcels_id_seq'::regclass);
ALTER TABLE ONLY public.sightings ALTER COLUMN id SET DEFAULT nextval('public.sightings_id_seq'::regclass);
ALTER TABLE ONLY public.wordings ALTER COLUMN id SET DEFAULT nextval('public.wordings_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0003');
INSERT INTO public.alert_parcels VALUES (3, 2, '2026-11-15 02:00:00+00');
INSERT INTO public.alerts VALUES (1, 'urge_scan', 'parcel:1', '2026-11-13T16:00:00+00:00', 1, 'Lagos Lights', 'seko', '2026-11-16 02:01:00+00', '2026-11-17 03:00:00+00', '2026-11-13 16:00:00+00', 'closed', 'no_events', 'higher_rung', 1, NULL, '2026-11-16 03:00:00+00');
INSERT INTO public.alerts VALUES (2, 'raise_claim', 'parcel:1', '2026-11-13T16:00:00+00:00', 1, 'Lagos Lights', 'seko', '2026-11-17 03:00:00+00', NULL, '2026-11-13 16:00:00+00', 'acted', 'no_events', NULL, 2, '12345678', '2026-11-18 03:00:00+00');
INSERT INTO public.alerts VALUES (3, 'carrier_blind', 'carrier:clevy', '2026-11-15T02:00:00+00:00', NULL, NULL, 'clevy', '2026-11-15 02:00:00+00', '2026-11-15 06:00:00+00', NULL, 'closed', 'unreachable', 'recovered', NULL, NULL, NULL);
INSERT INTO public.canaries VALUES ('seko', 'JG-NJS-319360001-5711', 'scanned', '2026-11-18 04:00:00+00', 'events', true, NULL);
INSERT INTO public.carriers VALUES ('seko', 'seeing', NULL, NULL, NULL, '2026-11-18 04:00:00+00', NULL, NULL, NULL, NULL, 0, '2026-11-18 02:00:00+00', NULL);
INSERT INTO public.carriers VALUES ('clevy', 'seeing', '2026-11-15 02:00:00+00', '2026-11-15 02:15:00+00', '429', '2026-11-18 04:00:00+00', '2026-11-10 02:00:00+00', NULL, NULL, NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (1, 1, 'Lagos Lights', 'email', 'seller@lagos-lights.example', 'first', 'sent', 1, '2026-11-16 02:01:00+00', '2026-11-16 02:01:00+00', NULL, NULL, NULL, '2026-11-16 02:05:00+00', NULL, 1);
INSERT INTO public.deliveries VALUES (2, 2, 'Lagos Lights', 'email', 'seller@lagos-lights.example', 'first', 'sent', 2, '2026-11-17 03:00:00+00', '2026-11-17 03:00:00+00', NULL, NULL, NULL, '2026-11-17 03:05:00+00', NULL, NULL);
INSERT INTO public.events VALUES (1, 2, 'clevy', '2026-11-17T09:00:00+00:00|posting', '2026-11-17 09:00:00+00', 'Asia/Shanghai', true, 'announced', false, NULL, 'Shipment information received', 'SHENZHEN', '2026-11-17 13:00:00+00');
INSERT INTO public.events VALUES (2, 2, 'clevy', '2026-11-17T12:00:00+00:00|received', '2026-11-17 12:00:00+00', 'Asia/Shanghai', true, 'received', true, NULL, 'Parcel received and accepted', 'SHENZHEN', '2026-11-17 13:00:00+00');
INSERT INTO public.evidence VALUES ('be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42', 'https://portal.example/mercuryhub/jtrack', 200, 'text/html', 'portal/1', '\x789cb329494cca49b5b3292902e2143b2f775d3faf605d63434b6333536303435d537343431b7da00c48d62f5fa1a42831393b332f5d21332f2dbf2837b124333f4fa132b504a2461f648c3ec44800ec061cd1', NULL, '2026-11-18 04:00:00+00', 83);
INSERT INTO public.heartbeats VALUES ('poll-seko', '2026-11-18 04:00:00+00', true, NULL);
INSERT INTO public.items VALUES (1, 1, '319365301', '10', 'LAMP-1');
INSERT INTO public.items VALUES (2, 2, '319365302', '20', 'LAMP-2');
INSERT INTO public.items VALUES (3, 3, '319365303', '30', 'LAMP-3');
INSERT INTO public.items VALUES (4, 4, '319365304', '40', 'LAMP-4');
INSERT INTO public.looks VALUES (1, 1, 'seko', '2026-11-16 02:00:00+00', 'no_events', false, NULL, NULL, 'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42', 'portal/2');
INSERT INTO public.looks VALUES (2, 1, 'seko', '2026-11-18 04:00:00+00', 'no_events', false, NULL, NULL, 'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42', 'portal/2');
INSERT INTO public.looks VALUES (3, 2, 'clevy', '2026-11-17 13:00:00+00', 'events', true, NULL, NULL, NULL, 'portal/2');
INSERT INTO public.looks VALUES (4, 2, 'clevy', '2026-11-18 04:00:00+00', 'events', true, NULL, NULL, NULL, 'portal/2');
INSERT INTO public.looks VALUES (5, 3, 'seko', '2026-11-18 04:00:00+00', 'no_events', false, NULL, NULL, 'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42', 'portal/2');
INSERT INTO public.messages VALUES (1, 'Lagos Lights', 'email', 'seller@lagos-lights.example', '<urge-1@watch.example>', '2026-11-16 02:05:00+00', '[]', false, '2026-11-16 02:05:00+00');
INSERT INTO public.notes VALUES ('calendar', 'of an earlier release');
INSERT INTO public.parcels VALUES (1, 'JG-NJS-319365301-5711', '319365301', 'Lagos Lights', 'NG', 'ds', 'seko', 'NG-JG-Seko-Shenzhen-Seko-Station', 'shenzhen', 'READY_TO_SHIP', 'ready_to_ship', '2026-11-18 02:00:00+00', NULL, '2026-11-11 02:00:00+00', '2026-11-11 04:00:00+00', NULL, '2026-11-12 06:00:00+00', false, NULL, NULL, NULL, '2026-11-13 16:00:00+00', '2026-11-18 02:00:00+00', false, NULL, NULL, false, NULL, '2026-11-11 05:00:00+00', '2026-11-18 04:00:00+00', 'no_events', '2026-11-18 04:00:00+00', NULL, 0, '2026-11-18 10:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-16 03:00:00+00', '2026-11-18 03:00:00+00', NULL, 'seko', '12345678', NULL, NULL, NULL);
INSERT INTO public.parcels VALUES (2, 'UH473124829KG', '319365302', 'Lagos Lights', 'NG', 'postal', 'clevy', NULL, 'clevy', 'READY_TO_SHIP', 'ready_to_ship', '2026-11-18 02:00:00+00', NULL, '2026-11-16 02:00:00+00', NULL, NULL, '2026-11-17 06:00:00+00', false, NULL, NULL, NULL, '2026-11-18 16:00:00+00', '2026-11-24 02:00:00+00', false, NULL, 'received', true, '2026-11-17 12:00:00+00', '2026-11-16 05:00:00+00', '2026-11-18 04:00:00+00', 'events', '2026-11-18 04:00:00+00', '2026-11-17 13:00:00+00', 0, '2026-11-19 04:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'clevy', NULL, NULL, NULL, NULL);
INSERT INTO public.parcels VALUES (3, 'JG-NJS-319365303-5711', '319365303', 'Lagos Lights', 'NG', 'ds', 'seko', 'NG-JG-Seko-Shenzhen-Seko-Station', 'shenzhen', 'READY_TO_SHIP', 'ready_to_ship', '2026-11-18 02:00:00+00', NULL, '2026-11-17 02:00:00+00', '2026-11-17 04:00:00+00', NULL, '2026-11-18 03:00:00+00', false, 'SF', 'SF0000000001', NULL, '2026-11-19 16:00:00+00', '2026-11-24 02:00:00+00', false, '2026-11-19 16:00:00+00', NULL, false, NULL, '2026-11-17 05:00:00+00', '2026-11-18 04:00:00+00', 'no_events', '2026-11-18 04:00:00+00', NULL, 0, '2026-11-18 10:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'clevy', 'seko', NULL, NULL, NULL, NULL);
INSERT INTO public.parcels VALUES (4, NULL, '319365304', 'Lagos Lights', 'NG', NULL, NULL, NULL, NULL, 'PENDING', 'ready_to_ship', NULL, NULL, '2026-11-18 01:00:00+00', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, false, NULL, '2026-11-18 02:00:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.sightings VALUES (1, 2, '2026-11-17 12:00:00+00', 'Clevy''s chat', '2026-11-18 01:00:00+00');
INSERT INTO public.snoozes VALUES ('shop:Abuja Home', '2026-12-01 02:00:00+00', 'ada', '2026-11-18 02:00:00+00');
INSERT INTO public.vendor_accounts VALUES ('practice-client', 'practice-refresh', '["0000000000000000000000000000000000000000000000000000000000000000"]', 'practice-access', '2026-11-18 05:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-18 04:00:00+00', '2026-11-18 03:59:00+00', NULL, NULL);
INSERT INTO public.wordings VALUES (1, 'seko', 'gone to lunch', 'Gone to lunch', '2026-11-17 02:00:00+00', 1, '2026-11-17 02:05:00+00');
SELECT pg_catalog.setval('public.alerts_id_seq', 3, true);
SELECT pg_catalog.setval('public.deliveries_id_seq', 2, true);
SELECT pg_catalog.setval('public.events_id_seq', 2, true);
SELECT pg_catalog.setval('public.items_id_seq', 4, true);
SELECT pg_catalog.setval('public.looks_id_seq', 5, true);
SELECT pg_catalog.setval('public.messages_id_seq', 1, true);
SELECT pg_catalog.setval('public.parcels_id_seq', 4, true);
SELECT pg_catalog.setval('public.sightings_id_seq', 1, true);
SELECT pg_catalog.setval('public.wordings_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert_parcels
    ADD CONSTRAINT pk_alert_parcels PRIMARY KEY (alert_id, parcel_id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);
ALTER TABLE ONLY public.canaries
    ADD CONSTRAINT pk_canaries PRIMARY KEY (carrier, tracking_number);
ALTER TABLE ONLY public.carriers
    ADD CONSTRAINT pk_carriers PRIMARY KEY (name);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY (id);
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT pk_evidence PRIMARY KEY (sha256);
ALTER TABLE ONLY public.heartbeats
    ADD CONSTRAINT pk_heartbeats PRIMARY KEY (name);
ALTER TABLE ONLY public.items
    ADD CONSTRAINT pk_items PRIMARY KEY (id);
ALTER TABLE ONLY public.looks
    ADD CONSTRAINT pk_looks PRIMARY KEY (id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT pk_notes PRIMARY KEY (key);
ALTER TABLE ONLY public.parcels
    ADD CONSTRAINT pk_parcels PRIMARY KEY (id);
ALTER TABLE ONLY public.sightings
    ADD CONSTRAINT pk_sightings PRIMARY KEY (id);
ALTER TABLE ONLY public.snoozes
    ADD CONSTRAINT pk_snoozes PRIMARY KEY (subject);
ALTER TABLE ONLY public.vendor_accounts
    ADD CONSTRAINT pk_vendor_accounts PRIMARY KEY (client_id);
ALTER TABLE ONLY public.wordings
    ADD CONSTRAINT pk_wordings PRIMARY KEY (id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT uq_alerts_subject_kind_occasion UNIQUE (subject, kind, occasion);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_alert_id_channel_recipient_notice UNIQUE (alert_id, channel, recipient, notice);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_parcel_id_identity UNIQUE (parcel_id, identity);
ALTER TABLE ONLY public.items
    ADD CONSTRAINT uq_items_order_number_item_key UNIQUE (order_number, item_key);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT uq_messages_reference UNIQUE (reference);
ALTER TABLE ONLY public.sightings
    ADD CONSTRAINT uq_sightings_parcel_id_scanned_at_source UNIQUE (parcel_id, scanned_at, source);
ALTER TABLE ONLY public.wordings
    ADD CONSTRAINT uq_wordings_carrier_normalised UNIQUE (carrier, normalised);
CREATE INDEX ix_alert_parcels_parcel_id ON public.alert_parcels USING btree (parcel_id);
CREATE INDEX ix_alerts_parcel_id ON public.alerts USING btree (parcel_id);
CREATE INDEX ix_deliveries_message_id ON public.deliveries USING btree (message_id);
CREATE INDEX ix_deliveries_unsent ON public.deliveries USING btree (next_attempt_at) WHERE ((state)::text = ANY ((ARRAY['pending'::character varying, 'sending'::character varying])::text[]));
CREATE INDEX ix_evidence_last_seen_at ON public.evidence USING btree (last_seen_at);
CREATE INDEX ix_items_parcel_id ON public.items USING btree (parcel_id);
CREATE INDEX ix_looks_carrier_looked_at ON public.looks USING btree (carrier, looked_at);
CREATE INDEX ix_looks_evidence ON public.looks USING btree (evidence);
CREATE INDEX ix_looks_parcel_id_looked_at ON public.looks USING btree (parcel_id, looked_at);
CREATE INDEX ix_messages_channel_recipient_created_at ON public.messages USING btree (channel, recipient, created_at);
CREATE INDEX ix_parcels_decide ON public.parcels USING btree (decide_at) WHERE (decide_at IS NOT NULL);
CREATE INDEX ix_parcels_due ON public.parcels USING btree (next_carrier, next_look_at) WHERE (next_look_at IS NOT NULL);
CREATE INDEX ix_parcels_order_number ON public.parcels USING btree (order_number);
CREATE INDEX ix_parcels_scan_deadline ON public.parcels USING btree (scan_deadline);
CREATE INDEX ix_parcels_scanned ON public.parcels USING btree (carrier, first_scan_at) WHERE (first_scan_at IS NOT NULL);
CREATE INDEX ix_parcels_tracking_number ON public.parcels USING btree (tracking_number);
CREATE UNIQUE INDEX uq_alerts_open ON public.alerts USING btree (subject, kind) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX uq_parcels_live_number ON public.parcels USING btree (tracking_number) WHERE ((superseded_at IS NULL) AND (archived_at IS NULL));
ALTER TABLE ONLY public.alert_parcels
    ADD CONSTRAINT fk_alert_parcels_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.alert_parcels
    ADD CONSTRAINT fk_alert_parcels_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_proof_look_id FOREIGN KEY (proof_look_id) REFERENCES public.looks(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT fk_events_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.items
    ADD CONSTRAINT fk_items_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.looks
    ADD CONSTRAINT fk_looks_evidence FOREIGN KEY (evidence) REFERENCES public.evidence(sha256) ON DELETE SET NULL;
ALTER TABLE ONLY public.looks
    ADD CONSTRAINT fk_looks_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sightings
    ADD CONSTRAINT fk_sightings_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.wordings
    ADD CONSTRAINT fk_wordings_parcel_id FOREIGN KEY (parcel_id) REFERENCES public.parcels(id) ON DELETE SET NULL;

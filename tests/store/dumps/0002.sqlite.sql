BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE alert_parcels (
	alert_id INTEGER NOT NULL, 
	parcel_id INTEGER NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_alert_parcels PRIMARY KEY (alert_id, parcel_id), 
	CONSTRAINT fk_alert_parcels_alert_id FOREIGN KEY(alert_id) REFERENCES alerts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alert_parcels_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE
);
INSERT INTO "alert_parcels" VALUES(3,2,'2026-11-15 02:00:00.000000');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	occasion VARCHAR(40) NOT NULL, 
	parcel_id INTEGER, 
	shop TEXT, 
	carrier VARCHAR(16), 
	opened_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	deadline DATETIME, 
	state VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	closed_because VARCHAR(20), 
	proof_look_id INTEGER, 
	case_id VARCHAR(16), 
	acted_at DATETIME, 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT fk_alerts_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alerts_proof_look_id FOREIGN KEY(proof_look_id) REFERENCES looks (id) ON DELETE SET NULL, 
	CONSTRAINT uq_alerts_subject_kind_occasion UNIQUE (subject, kind, occasion)
);
INSERT INTO "alerts" VALUES(1,'urge_scan','parcel:1','2026-11-13T16:00:00+00:00',1,'Lagos Lights','seko','2026-11-16 02:01:00.000000','2026-11-17 03:00:00.000000','2026-11-13 16:00:00.000000','closed','no_events','higher_rung',1,NULL,'2026-11-16 03:00:00.000000');
INSERT INTO "alerts" VALUES(2,'raise_claim','parcel:1','2026-11-13T16:00:00+00:00',1,'Lagos Lights','seko','2026-11-17 03:00:00.000000',NULL,'2026-11-13 16:00:00.000000','acted','no_events',NULL,2,'12345678','2026-11-18 03:00:00.000000');
INSERT INTO "alerts" VALUES(3,'carrier_blind','carrier:clevy','2026-11-15T02:00:00+00:00',NULL,NULL,'clevy','2026-11-15 02:00:00.000000','2026-11-15 06:00:00.000000',NULL,'closed','unreachable','recovered',NULL,NULL,NULL);
CREATE TABLE canaries (
	carrier VARCHAR(16) NOT NULL, 
	tracking_number TEXT NOT NULL, 
	expected VARCHAR(12) NOT NULL, 
	looked_at DATETIME NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	"right" BOOLEAN, 
	detail TEXT, 
	CONSTRAINT pk_canaries PRIMARY KEY (carrier, tracking_number)
);
INSERT INTO "canaries" VALUES('seko','JG-NJS-319360001-5711','scanned','2026-11-18 04:00:00.000000','events',1,NULL);
CREATE TABLE carriers (
	name VARCHAR(16) NOT NULL, 
	state VARCHAR(8) DEFAULT 'unknown' NOT NULL, 
	cooldown_since DATETIME, 
	cooldown_until DATETIME, 
	cooldown_reason TEXT, 
	last_good_look_at DATETIME, 
	confirmed_at DATETIME, doubt TEXT, doubted_at DATETIME, next_slot_at DATETIME, failing_rounds INTEGER DEFAULT '0' NOT NULL, checked_at DATETIME, check_failure TEXT, 
	CONSTRAINT pk_carriers PRIMARY KEY (name)
);
INSERT INTO "carriers" VALUES('seko','seeing',NULL,NULL,NULL,'2026-11-18 04:00:00.000000',NULL,NULL,NULL,NULL,0,'2026-11-18 02:00:00.000000',NULL);
INSERT INTO "carriers" VALUES('clevy','seeing','2026-11-15 02:00:00.000000','2026-11-15 02:15:00.000000','429','2026-11-18 04:00:00.000000','2026-11-10 02:00:00.000000',NULL,NULL,NULL,0,NULL,NULL);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	alert_id INTEGER NOT NULL, 
	shop TEXT, 
	channel VARCHAR(20) NOT NULL, 
	recipient TEXT NOT NULL, 
	notice VARCHAR(24) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	created_at DATETIME NOT NULL, 
	next_attempt_at DATETIME NOT NULL, 
	recheck_since DATETIME, 
	lease_until DATETIME, 
	lease_owner VARCHAR(80), 
	sent_at DATETIME, 
	last_error TEXT, 
	message_id INTEGER, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_alert_id FOREIGN KEY(alert_id) REFERENCES alerts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deliveries_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE SET NULL, 
	CONSTRAINT uq_deliveries_alert_id_channel_recipient_notice UNIQUE (alert_id, channel, recipient, notice)
);
INSERT INTO "deliveries" VALUES(1,1,'Lagos Lights','email','seller@lagos-lights.example','first','sent',1,'2026-11-16 02:01:00.000000','2026-11-16 02:01:00.000000',NULL,NULL,NULL,'2026-11-16 02:05:00.000000',NULL,1);
INSERT INTO "deliveries" VALUES(2,2,'Lagos Lights','email','seller@lagos-lights.example','first','sent',2,'2026-11-17 03:00:00.000000','2026-11-17 03:00:00.000000',NULL,NULL,NULL,'2026-11-17 03:05:00.000000',NULL,NULL);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	parcel_id INTEGER NOT NULL, 
	carrier VARCHAR(16) NOT NULL, 
	identity VARCHAR(64) NOT NULL, 
	occurred_at DATETIME, 
	zone TEXT, 
	zone_assumed BOOLEAN NOT NULL, 
	stage VARCHAR(24) NOT NULL, 
	is_scan BOOLEAN NOT NULL, 
	code TEXT, 
	text TEXT NOT NULL, 
	location TEXT, 
	first_seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT fk_events_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE, 
	CONSTRAINT uq_events_parcel_id_identity UNIQUE (parcel_id, identity)
);
INSERT INTO "events" VALUES(1,2,'clevy','2026-11-17T09:00:00+00:00|posting','2026-11-17 09:00:00.000000','Asia/Shanghai',1,'announced',0,NULL,'Shipment information received','SHENZHEN','2026-11-17 13:00:00.000000');
INSERT INTO "events" VALUES(2,2,'clevy','2026-11-17T12:00:00+00:00|received','2026-11-17 12:00:00.000000','Asia/Shanghai',1,'received',1,NULL,'Parcel received and accepted','SHENZHEN','2026-11-17 13:00:00.000000');
CREATE TABLE evidence (
	sha256 VARCHAR(64) NOT NULL, 
	url TEXT, 
	http_status INTEGER, 
	content_type TEXT, 
	reader VARCHAR(40) NOT NULL, 
	body BLOB NOT NULL, 
	screenshot BLOB, 
	last_seen_at DATETIME NOT NULL, size INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_evidence PRIMARY KEY (sha256)
);
INSERT INTO "evidence" VALUES('be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42','https://portal.example/mercuryhub/jtrack',200,'text/html','portal/1',X'789CB329494CCA49B5B3292902E2143B2F775D3FAF605D63434B6333536303435D537343431B7DA00C48D62F5FA1A42831393B332F5D21332F2DBF2837B124333F4FA132B504A2461F648C3EC44800EC061CD1',NULL,'2026-11-18 04:00:00.000000',83);
CREATE TABLE heartbeats (
	name VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	ok BOOLEAN NOT NULL, 
	detail TEXT, 
	CONSTRAINT pk_heartbeats PRIMARY KEY (name)
);
INSERT INTO "heartbeats" VALUES('poll-seko','2026-11-18 04:00:00.000000',1,NULL);
CREATE TABLE items (
	id INTEGER NOT NULL, 
	parcel_id INTEGER NOT NULL, 
	order_number TEXT NOT NULL, 
	item_key TEXT NOT NULL, 
	sku TEXT, 
	CONSTRAINT pk_items PRIMARY KEY (id), 
	CONSTRAINT fk_items_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE, 
	CONSTRAINT uq_items_order_number_item_key UNIQUE (order_number, item_key)
);
INSERT INTO "items" VALUES(1,1,'319365301','10','LAMP-1');
INSERT INTO "items" VALUES(2,2,'319365302','20','LAMP-2');
INSERT INTO "items" VALUES(3,3,'319365303','30','LAMP-3');
INSERT INTO "items" VALUES(4,4,'319365304','40','LAMP-4');
CREATE TABLE looks (
	id INTEGER NOT NULL, 
	parcel_id INTEGER NOT NULL, 
	carrier VARCHAR(16), 
	looked_at DATETIME NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	scanned BOOLEAN, 
	detail TEXT, 
	flag VARCHAR(24), 
	evidence VARCHAR(64), reader TEXT, 
	CONSTRAINT pk_looks PRIMARY KEY (id), 
	CONSTRAINT fk_looks_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE, 
	CONSTRAINT fk_looks_evidence FOREIGN KEY(evidence) REFERENCES evidence (sha256) ON DELETE SET NULL
);
INSERT INTO "looks" VALUES(1,1,'seko','2026-11-16 02:00:00.000000','no_events',0,NULL,NULL,'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42','portal/2');
INSERT INTO "looks" VALUES(2,1,'seko','2026-11-18 04:00:00.000000','no_events',0,NULL,NULL,'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42','portal/2');
INSERT INTO "looks" VALUES(3,2,'clevy','2026-11-17 13:00:00.000000','events',1,NULL,NULL,NULL,'portal/2');
INSERT INTO "looks" VALUES(4,2,'clevy','2026-11-18 04:00:00.000000','events',1,NULL,NULL,NULL,'portal/2');
INSERT INTO "looks" VALUES(5,3,'seko','2026-11-18 04:00:00.000000','no_events',0,NULL,NULL,'be947c8c415314e256adc72ad70c255c6ec7942a46cf3f2170424d65e29c4d42','portal/2');
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	shop TEXT, 
	channel VARCHAR(20) NOT NULL, 
	recipient TEXT NOT NULL, 
	reference VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, 
	lines JSON NOT NULL, 
	closing BOOLEAN NOT NULL, 
	sent_at DATETIME, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT uq_messages_reference UNIQUE (reference)
);
INSERT INTO "messages" VALUES(1,'Lagos Lights','email','seller@lagos-lights.example','<urge-1@watch.example>','2026-11-16 02:05:00.000000','[]',0,'2026-11-16 02:05:00.000000');
CREATE TABLE notes (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_notes PRIMARY KEY ("key")
);
INSERT INTO "notes" VALUES('calendar','of an earlier release');
CREATE TABLE parcels (
	id INTEGER NOT NULL, 
	tracking_number TEXT, 
	order_number TEXT, 
	shop TEXT, 
	country TEXT, 
	service VARCHAR(16), 
	carrier VARCHAR(16), 
	station TEXT, 
	centre VARCHAR(32), 
	seller_status VARCHAR(20), 
	seller_status_text TEXT, 
	seller_status_at DATETIME, 
	cancelled_seen_at DATETIME, 
	created_at DATETIME, 
	ready_to_ship_at DATETIME, 
	ready_to_ship_source VARCHAR(20), 
	handed_over_at DATETIME, 
	handover_assumed BOOLEAN DEFAULT 0 NOT NULL, 
	courier TEXT, 
	waybill TEXT, 
	sku TEXT, 
	scan_deadline DATETIME, 
	auto_cancel_at DATETIME, 
	calendar_estimated BOOLEAN DEFAULT 0 NOT NULL, 
	decide_at DATETIME, 
	stage VARCHAR(24), 
	scanned BOOLEAN DEFAULT 0 NOT NULL, 
	first_scan_at DATETIME, 
	first_seen_at DATETIME NOT NULL, 
	last_look_at DATETIME, 
	last_outcome VARCHAR(16), 
	last_good_look_at DATETIME, 
	last_news_at DATETIME, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	next_look_at DATETIME, 
	lease_until DATETIME, 
	lease_owner VARCHAR(80), 
	put_off_until DATETIME, 
	put_off_reason TEXT, 
	superseded_at DATETIME, 
	archived_at DATETIME, 
	unverified_since DATETIME, 
	urged_at DATETIME, 
	claimed_at DATETIME, second_carrier VARCHAR(16), next_carrier VARCHAR(16), 
	CONSTRAINT pk_parcels PRIMARY KEY (id)
);
INSERT INTO "parcels" VALUES(1,'JG-NJS-319365301-5711','319365301','Lagos Lights','NG','ds','seko','NG-JG-Seko-Shenzhen-Seko-Station','shenzhen','READY_TO_SHIP','ready_to_ship','2026-11-18 02:00:00.000000',NULL,'2026-11-11 02:00:00.000000','2026-11-11 04:00:00.000000',NULL,'2026-11-12 06:00:00.000000',0,NULL,NULL,NULL,'2026-11-13 16:00:00.000000','2026-11-18 02:00:00.000000',0,NULL,NULL,0,NULL,'2026-11-11 05:00:00.000000','2026-11-18 04:00:00.000000','no_events','2026-11-18 04:00:00.000000',NULL,0,'2026-11-18 10:00:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-16 03:00:00.000000','2026-11-18 03:00:00.000000',NULL,'seko');
INSERT INTO "parcels" VALUES(2,'UH473124829KG','319365302','Lagos Lights','NG','postal','clevy',NULL,'clevy','READY_TO_SHIP','ready_to_ship','2026-11-18 02:00:00.000000',NULL,'2026-11-16 02:00:00.000000',NULL,NULL,'2026-11-17 06:00:00.000000',0,NULL,NULL,NULL,'2026-11-18 16:00:00.000000','2026-11-24 02:00:00.000000',0,NULL,'received',1,'2026-11-17 12:00:00.000000','2026-11-16 05:00:00.000000','2026-11-18 04:00:00.000000','events','2026-11-18 04:00:00.000000','2026-11-17 13:00:00.000000',0,'2026-11-19 04:00:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'clevy');
INSERT INTO "parcels" VALUES(3,'JG-NJS-319365303-5711','319365303','Lagos Lights','NG','ds','seko','NG-JG-Seko-Shenzhen-Seko-Station','shenzhen','READY_TO_SHIP','ready_to_ship','2026-11-18 02:00:00.000000',NULL,'2026-11-17 02:00:00.000000','2026-11-17 04:00:00.000000',NULL,'2026-11-18 03:00:00.000000',0,'SF','SF0000000001',NULL,'2026-11-19 16:00:00.000000','2026-11-24 02:00:00.000000',0,'2026-11-19 16:00:00.000000',NULL,0,NULL,'2026-11-17 05:00:00.000000','2026-11-18 04:00:00.000000','no_events','2026-11-18 04:00:00.000000',NULL,0,'2026-11-18 10:00:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'clevy','seko');
INSERT INTO "parcels" VALUES(4,NULL,'319365304','Lagos Lights','NG',NULL,NULL,NULL,NULL,'PENDING','ready_to_ship',NULL,NULL,'2026-11-18 01:00:00.000000',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,0,NULL,'2026-11-18 02:00:00.000000',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sightings (
	id INTEGER NOT NULL, 
	parcel_id INTEGER NOT NULL, 
	scanned_at DATETIME NOT NULL, 
	source TEXT NOT NULL, 
	told_at DATETIME NOT NULL, 
	CONSTRAINT pk_sightings PRIMARY KEY (id), 
	CONSTRAINT fk_sightings_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sightings_parcel_id_scanned_at_source UNIQUE (parcel_id, scanned_at, source)
);
INSERT INTO "sightings" VALUES(1,2,'2026-11-17 12:00:00.000000','Clevy''s chat','2026-11-18 01:00:00.000000');
CREATE TABLE vendor_accounts (
	client_id TEXT NOT NULL, 
	refresh_token TEXT NOT NULL, 
	seeds JSON NOT NULL, 
	access_token TEXT, 
	expires_at DATETIME, 
	rotated_at DATETIME, 
	unsure_at DATETIME, 
	refused_at DATETIME, 
	lease_until DATETIME, 
	lease_owner VARCHAR(80), 
	next_slot_at DATETIME, 
	tried_at DATETIME, 
	synced_at DATETIME, 
	synced_until DATETIME, 
	scope TEXT, 
	problem TEXT, 
	CONSTRAINT pk_vendor_accounts PRIMARY KEY (client_id)
);
INSERT INTO "vendor_accounts" VALUES('practice-client','practice-refresh','["0000000000000000000000000000000000000000000000000000000000000000"]','practice-access','2026-11-18 05:00:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-18 04:00:00.000000','2026-11-18 03:59:00.000000',NULL,NULL);
CREATE TABLE wordings (
	id INTEGER NOT NULL, 
	carrier VARCHAR(16) NOT NULL, 
	normalised VARCHAR(300) NOT NULL, 
	text TEXT NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	parcel_id INTEGER, 
	alerted_at DATETIME, 
	CONSTRAINT pk_wordings PRIMARY KEY (id), 
	CONSTRAINT fk_wordings_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id) ON DELETE SET NULL, 
	CONSTRAINT uq_wordings_carrier_normalised UNIQUE (carrier, normalised)
);
INSERT INTO "wordings" VALUES(1,'seko','gone to lunch','Gone to lunch','2026-11-17 02:00:00.000000',1,'2026-11-17 02:05:00.000000');
CREATE INDEX ix_messages_channel_recipient_created_at ON messages (channel, recipient, created_at);
CREATE INDEX ix_parcels_decide ON parcels (decide_at) WHERE decide_at IS NOT NULL;
CREATE INDEX ix_parcels_scan_deadline ON parcels (scan_deadline);
CREATE INDEX ix_parcels_order_number ON parcels (order_number);
CREATE INDEX ix_parcels_tracking_number ON parcels (tracking_number);
CREATE UNIQUE INDEX uq_parcels_live_number ON parcels (tracking_number) WHERE superseded_at IS NULL AND archived_at IS NULL;
CREATE INDEX ix_items_parcel_id ON items (parcel_id);
CREATE INDEX ix_evidence_last_seen_at ON evidence (last_seen_at);
CREATE INDEX ix_looks_evidence ON looks (evidence);
CREATE INDEX ix_looks_carrier_looked_at ON looks (carrier, looked_at);
CREATE INDEX ix_looks_parcel_id_looked_at ON looks (parcel_id, looked_at);
CREATE INDEX ix_alerts_parcel_id ON alerts (parcel_id);
CREATE UNIQUE INDEX uq_alerts_open ON alerts (subject, kind) WHERE closed_at IS NULL;
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_deliveries_unsent ON deliveries (next_attempt_at) WHERE state IN ('pending', 'sending');
CREATE INDEX ix_parcels_due ON parcels (next_carrier, next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX ix_parcels_scanned ON parcels (carrier, first_scan_at) WHERE first_scan_at IS NOT NULL;
COMMIT;

-- A state of schema version 4, as the code of that version made it from one of version 3. Two crawls: one that was finished twice
-- (7 leads to 8, 6 was withdrawn by the second run), and one that was killed: of 1 in English the line is in a
-- file, of 1 in Chinese it is not yet; 2 and 3 are leased; 7 and 8 were known; 9 failed.
-- {serial}, {bytes} and AS_BYTES() differ between the engines.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE run (
    run_id TEXT PRIMARY KEY, crawl_key TEXT NOT NULL, arguments TEXT NOT NULL,
    state TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, verdict TEXT, number INTEGER NOT NULL DEFAULT 0);
CREATE TABLE story (
    run_id TEXT NOT NULL, story_id TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (run_id, story_id));
CREATE TABLE page (
    run_id TEXT NOT NULL, uid TEXT NOT NULL, state SMALLINT NOT NULL, depth INTEGER NOT NULL,
    story INTEGER NOT NULL, via TEXT NOT NULL, referrer TEXT, token INTEGER NOT NULL DEFAULT 0,
    holder TEXT, lease_until DOUBLE PRECISION, outcome TEXT, error TEXT, story_id TEXT NOT NULL DEFAULT '', locale TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '', PRIMARY KEY (run_id, uid));
CREATE TABLE known (
    uid TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL,
    content_hash TEXT NOT NULL, published_at TEXT, published_raw TEXT,
    first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, etag TEXT, last_modified TEXT,
    unmodified INTEGER NOT NULL DEFAULT 0, metadata_hash TEXT NOT NULL, links TEXT NOT NULL, story_id TEXT NOT NULL DEFAULT '', locale TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '', reader TEXT NOT NULL DEFAULT 'longbridge-markdown/1');
CREATE TABLE version (
    uid TEXT NOT NULL, version INTEGER NOT NULL, run_id TEXT NOT NULL,
    PRIMARY KEY (uid, version));
CREATE TABLE line (
    id {serial}, worker TEXT NOT NULL, run_id TEXT NOT NULL, kind TEXT NOT NULL,
    day TEXT NOT NULL, segment INTEGER, content {bytes} NOT NULL);
CREATE TABLE segment (
    run_id TEXT NOT NULL, number INTEGER NOT NULL, worker TEXT NOT NULL, kind TEXT NOT NULL,
    day TEXT NOT NULL, published SMALLINT NOT NULL DEFAULT 0, lines INTEGER, sha256 TEXT,
    PRIMARY KEY (run_id, number));
CREATE TABLE crash (uid TEXT PRIMARY KEY, crashes INTEGER NOT NULL);
CREATE TABLE host (
    host TEXT PRIMARY KEY, next_at DOUBLE PRECISION NOT NULL DEFAULT 0,
    paused_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    crawl_delay DOUBLE PRECISION NOT NULL DEFAULT 0,
    crawl_delay_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    refused_since DOUBLE PRECISION, probe_at DOUBLE PRECISION NOT NULL DEFAULT 0,
    probe_pause DOUBLE PRECISION NOT NULL DEFAULT 0);
CREATE TABLE host_delay (
    host TEXT NOT NULL, holder TEXT NOT NULL, delay DOUBLE PRECISION NOT NULL,
    until DOUBLE PRECISION NOT NULL, PRIMARY KEY (host, holder));
CREATE TABLE worker (worker TEXT PRIMARY KEY, disk TEXT NOT NULL);
CREATE UNIQUE INDEX run_open ON run (crawl_key) WHERE state = 'running';
CREATE INDEX run_latest ON run (crawl_key, number);
CREATE INDEX story_order ON story (run_id, number);
CREATE INDEX page_queue ON page (run_id, state, depth, story, uid);
CREATE INDEX line_segment ON line (worker, segment);
CREATE INDEX segment_waiting ON segment (worker, published);
CREATE INDEX known_story ON known (story_id);
CREATE INDEX page_story ON page (run_id, story, uid);
INSERT INTO meta (key, value) VALUES
    ('origin longbridge', 'longbridge.com'),
    ('schema_version', '4');
INSERT INTO run (run_id, crawl_key, arguments, state, started_at, finished_at, verdict, number) VALUES
    ('20260620T080001Z-longbridge-aaaa', '4448f405a158b9f4', '{"url": "https://longbridge.com/en/news/100007.md,https://longbridge.com/en/news/100006.md", "depth": "1"}', 'finished', '2026-06-20T08:00:01.000Z', '2026-06-20T08:00:09.000Z', 'done', 1),
    ('20260620T080010Z-longbridge-bbbb', '4448f405a158b9f4', '{"url": "https://longbridge.com/en/news/100007.md,https://longbridge.com/en/news/100006.md", "depth": "1"}', 'finished', '2026-06-20T08:00:10.000Z', '2026-06-20T08:00:16.000Z', 'done', 2),
    ('20260620T080017Z-longbridge-cccc', 'efcec92e8e6ead93', '{"url": "https://longbridge.com/en/news/100001.md", "depth": "99"}', 'running', '2026-06-20T08:00:17.000Z', NULL, NULL, 3);
INSERT INTO story (run_id, story_id, number) VALUES
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100006', 2),
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100007', 1),
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100008', 3),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100001', 1),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100002', 2),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100003', 5),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100007', 3),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100008', 6),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100009', 4);
INSERT INTO page (run_id, uid, state, depth, story, via, referrer, token, holder, lease_until, outcome, error, story_id, locale, url) VALUES
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100006:en', 2, 0, 2, 'seed', NULL, 1, 'disk1/00000000', 1781942473.0, 'withdrawn', 'HTTP 404', 'longbridge:100006', 'en', 'https://longbridge.com/en/news/100006.md'),
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100007:en', 2, 0, 1, 'seed', NULL, 1, 'disk1/00000000', 1781942471.0, 'unchanged', NULL, 'longbridge:100007', 'en', 'https://longbridge.com/en/news/100007.md'),
    ('20260620T080010Z-longbridge-bbbb', 'longbridge:100008:en', 2, 1, 3, 'related', 'https://longbridge.com/en/news/100007.md', 0, NULL, NULL, 'skipped', NULL, 'longbridge:100008', 'en', 'https://longbridge.com/en/news/100008.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100001:en', 2, 0, 1, 'seed', NULL, 1, 'disk1/00000001', 1781942478.0, 'read', NULL, 'longbridge:100001', 'en', 'https://longbridge.com/en/news/100001.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100001:zh-CN', 2, 0, 1, 'locale', 'https://longbridge.com/en/news/100001.md', 1, 'disk1/00000001', 1781942480.0, 'read', NULL, 'longbridge:100001', 'zh-CN', 'https://longbridge.com/zh-CN/news/100001.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100002:en', 1, 1, 2, 'related', 'https://longbridge.com/en/news/100001.md', 1, 'disk1/00000001', 1781942482.0, NULL, NULL, 'longbridge:100002', 'en', 'https://longbridge.com/en/news/100002.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100003:zh-CN', 1, 1, 5, 'related', 'https://longbridge.com/zh-CN/news/100001.md', 1, 'disk1/00000001', 1781942482.0, NULL, NULL, 'longbridge:100003', 'zh-CN', 'https://longbridge.com/zh-CN/news/100003.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100007:en', 2, 1, 3, 'related', 'https://longbridge.com/en/news/100001.md', 0, NULL, NULL, 'skipped', NULL, 'longbridge:100007', 'en', 'https://longbridge.com/en/news/100007.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100008:en', 2, 2, 6, 'related', 'https://longbridge.com/en/news/100007.md', 0, NULL, NULL, 'skipped', NULL, 'longbridge:100008', 'en', 'https://longbridge.com/en/news/100008.md'),
    ('20260620T080017Z-longbridge-cccc', 'longbridge:100009:en', 3, 1, 4, 'related', 'https://longbridge.com/en/news/100001.md', 1, 'disk1/00000001', 1781942482.0, 'failed', 'HTTP 500', 'longbridge:100009', 'en', 'https://longbridge.com/en/news/100009.md');
INSERT INTO known (uid, version, status, content_hash, published_at, published_raw, first_seen_at, last_seen_at, etag, last_modified, unmodified, metadata_hash, links, story_id, locale, url, reader) VALUES
    ('longbridge:100001:en', 1, 'usable', '61489ba6ee3142a9471693c280f0701ddb888630cc844aa0df427ededb2d3e67', '2026-05-08T14:18:31.000Z', '2026-05-08T14:18:31.000Z', '2026-06-20T08:00:19.000Z', '2026-06-20T08:00:19.000Z', '"text 1"', NULL, 0, '7d5263ea801540db8a6cd9769cc208bf', '[["https://longbridge.com/en/news/100001.md","https://longbridge.com/zh-CN/news/100001.md"],["https://longbridge.com/en/news/100002.md","https://longbridge.com/en/news/100007.md","https://longbridge.com/en/news/100009.md"],"2026-05-08T14:18:31.000Z"]', 'longbridge:100001', 'en', 'https://longbridge.com/en/news/100001.md', 'longbridge-markdown/1'),
    ('longbridge:100001:zh-CN', 1, 'usable', '244ab05cf43ac913106c78e9158cc9dfbe01a510a70993e812743afb2dc8a9d5', '2026-05-08T14:18:31.000Z', '2026-05-08T14:18:31.000Z', '2026-06-20T08:00:21.000Z', '2026-06-20T08:00:21.000Z', '"文本 1"', NULL, 0, '03f10bf1b754f5422c32a2bf1a84124b', '[["https://longbridge.com/en/news/100001.md","https://longbridge.com/zh-CN/news/100001.md"],["https://longbridge.com/zh-CN/news/100003.md"],"2026-05-08T14:18:31.000Z"]', 'longbridge:100001', 'zh-CN', 'https://longbridge.com/zh-CN/news/100001.md', 'longbridge-markdown/1'),
    ('longbridge:100006:en', 2, 'withdrawn', '3bf9b7d2a96c41c903a95814ab6507ec8587d1d4a4a36a6503a6528b606a8676', '2026-05-08T14:18:31.000Z', '2026-05-08T14:18:31.000Z', '2026-06-20T08:00:05.000Z', '2026-06-20T08:00:14.000Z', NULL, NULL, 0, 'fea29e1ba1588efa0ab839d0ef6835b6', '[["https://longbridge.com/en/news/100006.md"],[],"2026-05-08T14:18:31.000Z"]', 'longbridge:100006', 'en', 'https://longbridge.com/en/news/100006.md', 'longbridge-markdown/1'),
    ('longbridge:100007:en', 1, 'usable', '8720ad5c04e5c6bb80c9ede1eb0f32d9618303dc29b2cc1e56bec0ca01d8b5f0', '2026-05-08T14:18:31.000Z', '2026-05-08T14:18:31.000Z', '2026-06-20T08:00:03.000Z', '2026-06-20T08:00:12.000Z', '"text 7"', NULL, 1, 'db9a14c13f4ce12d2b0b060f2b781f54', '[["https://longbridge.com/en/news/100007.md"],["https://longbridge.com/en/news/100008.md"],"2026-05-08T14:18:31.000Z"]', 'longbridge:100007', 'en', 'https://longbridge.com/en/news/100007.md', 'longbridge-markdown/1'),
    ('longbridge:100008:en', 1, 'usable', '90f084075b3017b14f7c5ae664a1af5f1f9840c2d1ecd1ce7a9ddb0476918477', '2026-05-08T14:18:31.000Z', '2026-05-08T14:18:31.000Z', '2026-06-20T08:00:07.000Z', '2026-06-20T08:00:07.000Z', '"text 8"', NULL, 0, 'df8b0f2b042fa0a0ac04fe4ffbccee5d', '[["https://longbridge.com/en/news/100008.md"],[],"2026-05-08T14:18:31.000Z"]', 'longbridge:100008', 'en', 'https://longbridge.com/en/news/100008.md', 'longbridge-markdown/1');
INSERT INTO version (uid, version, run_id) VALUES
    ('longbridge:100001:en', 1, '20260620T080017Z-longbridge-cccc'),
    ('longbridge:100001:zh-CN', 1, '20260620T080017Z-longbridge-cccc'),
    ('longbridge:100006:en', 1, '20260620T080001Z-longbridge-aaaa'),
    ('longbridge:100006:en', 2, '20260620T080010Z-longbridge-bbbb'),
    ('longbridge:100007:en', 1, '20260620T080001Z-longbridge-aaaa'),
    ('longbridge:100008:en', 1, '20260620T080001Z-longbridge-aaaa');
INSERT INTO line (worker, run_id, kind, day, segment, content) VALUES
    ('disk1', '20260620T080017Z-longbridge-cccc', 'articles', '2026-06-20', NULL, AS_BYTES('{"schema":"newscrawl.article/1","uid":"longbridge:100001:zh-CN","story_id":"longbridge:100001","version":1,"status":"usable","url":"https://longbridge.com/zh-CN/news/100001.md","fetched_url":"https://longbridge.com/zh-CN/news/100001.md","locale":"zh-CN","alternates":[{"locale":"en","url":"https://longbridge.com/en/news/100001.md"},{"locale":"zh-CN","url":"https://longbridge.com/zh-CN/news/100001.md"}],"title":"title","description":null,"body":"文本 1","wire_time":null,"published_at":"2026-05-08T14:18:31.000Z","published_raw":"2026-05-08T14:18:31.000Z","first_seen_at":"2026-06-20T08:00:21.000Z","fetched_at":null,"available_at":"2026-05-08T15:18:31.000Z","available_rule":"backfill","instruments":[],"related":[{"story_id":"longbridge:100003","url":"https://longbridge.com/zh-CN/news/100003.md","title":"t3","wire_time":null,"position":1,"observed_at":"2026-05-08T14:18:31.000Z"}],"content_hash":"244ab05cf43ac913106c78e9158cc9dfbe01a510a70993e812743afb2dc8a9d5","crawl":{"run_id":"20260620T080017Z-longbridge-cccc","depth":0,"via":"locale","referrer":"https://longbridge.com/en/news/100001.md"},"http":{"status":200,"etag":"\"文本 1\"","last_modified":null,"date":null,"content_type":null,"bytes":0},"parser":"longbridge-markdown/1","warnings":[],"language":null,"script":null,"region":null,"mentions":[],"sessions":[],"refined_with":{"dates":null,"instruments":null,"mentions":null,"checks":null,"language":null,"hash":null,"availability":"1","sessions":"1+2dc18ef1+calendars-4.13.2"},"extra":{}}\n'));
INSERT INTO segment (run_id, number, worker, kind, day, published, lines, sha256) VALUES
    ('20260620T080001Z-longbridge-aaaa', 1, 'disk1', 'articles', '2026-06-20', 1, 3, 'a5f82bd2313c49c7ef3a7bdc6a8d2a175e4ff7705ce4bdbf1c0a85415354eb11'),
    ('20260620T080010Z-longbridge-bbbb', 1, 'disk1', 'articles', '2026-06-20', 1, 1, '5136f174e2ce705b77d5d66f6ee9ea14c58217a230df180991ef6ea39f687efc'),
    ('20260620T080017Z-longbridge-cccc', 1, 'disk1', 'articles', '2026-06-20', 1, 1, '14e3c8f114bc9927cf4feeaee21a61beee83cf1ddf0b5b2e1c7dcca1f8dd773f');

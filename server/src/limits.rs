//! Every limit of the server, beside those that it shares with devices.

pub use doorstep_protocol::limits::*;

/// How often a lost compare-and-swap is tried again before the sender is asked to come back.
pub const CAS_ATTEMPTS: usize = 32;
/// Pushes of all sessions that are worked on at once. More than the locks of the cache, so that a group commit is full.
pub const PUSHES: usize = 512;
/// Documents that the hellos of all sessions bear on and that are worked on at once.
pub const HELLOS: usize = 512;
/// Pages of all sessions that are put together at once: each has the rows of a page in memory, a megabyte of them.
pub const PAGES: usize = 16;
/// Bytes of cases kept in memory, by their own estimate. A case of 50 edits counts some 65 KB.
pub const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Characters of what an erasure was asked for by: a number or a name.
pub const ERASURE_REASON_CHARS: usize = 80;
/// Changes on top of a snapshot, or without one, that make a new one worth its while.
pub const SNAPSHOT_AFTER: usize = 16;
/// Documents that are noted for a snapshot at the most.
pub const DEAR_DOCUMENTS: usize = 4_096;
/// Snapshots written together: one wait for the disk, and a bounded share of a core.
pub const SNAPSHOTS_AT_ONCE: usize = 16;
/// How often a server writes down how far its store has come, in milliseconds.
pub const HIGH_WATER_MS: u64 = 5_000;
/// A server that has not looked at what is due for this long is not ready, in milliseconds.
pub const TICK_STALLS_MS: i64 = 300_000;
/// How often a server looks whether snapshots are to be written, in milliseconds.
pub const COMPACT_MS: u64 = 1_000;
/// A snapshot, uncompressed: the largest document is allowed a multiple of its changes' bytes.
pub const MAX_SNAPSHOT_BYTES: usize = 8 * MAX_DOCUMENT_BYTES;
/// Documents that one tick of the clock looks at.
pub const TICK_DOCUMENTS: usize = 256;
/// Documents that a tick or a hello works on side by side: their commits share one wait for the disk.
pub const SIDE_BY_SIDE: usize = 64;
/// Timers of one case that one tick fires; more wait for the next.
pub const TICK_TIMERS: usize = 8;
/// When to look again at a case for which a tick found nothing to do, in milliseconds.
pub const IDLE_WAKE_MS: i64 = 60 * 60 * 1000;
/// How often a recovering centre looks whether it was released, in milliseconds.
pub const RECOVERING_TICK_MS: i64 = 3_000;
/// What was accepted so shortly before a backup may be missing in it, in milliseconds: a commit takes time.
pub const HORIZON_MARGIN_MS: i64 = 5 * 60 * 1000;
/// Documents of which a session remembers what it was told.
pub const TOLD_DOCUMENTS: usize = 50_000;
/// Changes of which a session remembers that its device brought them, so that they are not told back to it.
pub const OWN_CHANGES: usize = 16_384;
/// Documents that one page of a first sync looks at, for a device that may see few of them.
pub const WALK_ROWS: usize = 16_384;
/// Leave lasts at most a year.
pub const MAX_LEAVE_MS: i64 = 366 * 24 * 3_600_000;
/// Villages of a round, or units at a meeting, that are looked at.
pub const ROUND_PLACES: usize = 256;
/// Cases that a visit or meeting names and that are looked at.
pub const ROUND_CASES: usize = 256;
/// Open conflicts that one reading of the queue looks at.
pub const QUEUE_ROWS: usize = 1_000;
/// Rows of the queue on one page.
pub const QUEUE_PAGE: usize = 50;
/// For how long it is shown that somebody has opened a conflict, in milliseconds.
pub const OPENED_MS: i64 = 30 * 60 * 1000;
/// How exactly it is kept when somebody opened a conflict, in milliseconds.
pub const OPENED_SEEN_MS: i64 = 2 * 60 * 1000;
/// Refused changes that one refused change may build on and still be read.
pub const REFUSED_CHAIN: usize = 64;
/// Bytes of a document to which changes are given back: what it had before the loss, and what has come since.
pub const MAX_REGAINED_BYTES: usize = 2 * MAX_DOCUMENT_BYTES;
/// Pages of one person that listen for news at once.
pub const LISTENERS_PER_PERSON: usize = 4;
/// How long one of them listens, in milliseconds. Browsers come again.
pub const LISTEN_MS: u64 = 10 * 60 * 1000;
/// How long changes are gathered before they are told, in milliseconds.
pub const LISTEN_GATHER_MS: u64 = 2_000;
/// Rows of one page of a list.
pub const LIST_ROWS: usize = 100;
/// Announced documents that one hello may hold up.
pub const ANNOUNCED_DOCUMENTS: usize = 5_000;
/// An hour in milliseconds.
pub const HOUR_MS: i64 = 60 * 60 * 1000;
/// Refused changes that one device may put into quarantine in an hour. The rest stay in its outbox.
pub const REFUSED_PER_HOUR: u32 = 1_000;
/// Documents that one device may begin in an hour: a year of registers typed in on one phone is a tenth of it.
pub const DOCUMENTS_PER_HOUR: u32 = 20_000;
/// Bytes of changes that one device may add in an hour: months of work come to less than a tenth of it.
pub const BYTES_PER_HOUR: u64 = 256 * 1024 * 1024;
/// Bytes in quarantine that one device may have put there altogether, until an operator has looked.
pub const QUARANTINE_BYTES: u64 = 32 * 1024 * 1024;
/// What a device spends is written down whenever it is one part in so many of what it may spend in an hour, and at
/// every refusal: so much at the most is forgotten by a server that is killed.
pub const BUDGET_STEPS: u64 = 64;
/// A bearer token of the API and the desk, in milliseconds.
pub const TOKEN_LIFE_MS: i64 = 12 * 60 * 60 * 1000;
/// A one-time enrolment code, in milliseconds.
pub const ENROLMENT_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of a token with which figures are read from elsewhere, at least.
pub const METRICS_TOKEN_BYTES: usize = 24;
/// TLS handshakes under way at once, and how long one may take, in milliseconds.
pub const TLS_HANDSHAKES: usize = 256;
/// See [`TLS_HANDSHAKES`].
pub const TLS_HANDSHAKE_MS: u64 = 10_000;
/// Commits of which pages that watch are told whether they are about what somebody sees; more at once are told to all.
pub const NEWS: usize = 256;
/// The stack of one of the server's threads, in bytes: reserved, not used.
pub const THREAD_STACK_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of a request body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Bytes of one WebSocket read or write buffer: small, for thousands of idle sessions.
pub const SOCKET_BUFFER_BYTES: usize = 4 * 1024;
/// How hard messages to devices are compressed (zstd): 10 to 12 % smaller than at 3, for 50 to 63 µs a case.
pub const PACK_LEVEL: i32 = 9;
/// The same for messages of acks.
pub const ACK_LEVEL: i32 = 1;
/// A session that says nothing for so long, or takes nothing of what it is told, is closed, in milliseconds.
pub const SESSION_IDLE_MS: u64 = 5 * 60 * 1000;
/// How long a stopping server waits for sessions to drain, in milliseconds.
pub const DRAIN_MS: u64 = 5_000;
/// Fewest characters of a password that a person chooses.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Most characters of a password.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// Wrong passwords in a row that lock an account.
pub const WRONG_PASSWORDS: u32 = 5;
/// For how long an account is locked, in milliseconds.
pub const LOCKED_MS: i64 = 15 * 60 * 1000;
/// A sign-in that is not used for so long has ended, in milliseconds.
pub const SIGN_IN_IDLE_MS: i64 = 2 * HOUR_MS;
/// How exactly it is kept when a sign-in was last used, in milliseconds.
pub const SIGN_IN_SEEN_MS: i64 = 5 * 60 * 1000;
/// Characters of what a browser calls itself that are kept.
pub const BROWSER_CHARS: usize = 160;
/// Bytes of files that one device may send in a day, those under way included.
pub const UPLOAD_BYTES_PER_DAY: u64 = 2 * 1024 * 1024 * 1024;
/// A day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// A minute.
pub const MINUTE_MS: i64 = 60_000;
/// Uploads that one device may have begun and not ended.
pub const UPLOADS_BEGUN: usize = 8;
/// An upload that nobody went on with for so long is dropped, in milliseconds. The device begins again.
pub const UPLOAD_LAPSE_MS: i64 = DAY_MS;
/// An upload request that says nothing for so long is cut, in milliseconds. What came is kept.
pub const UPLOAD_IDLE_MS: u64 = 20_000;
/// Files that are checked and put away at once; each is in memory meanwhile.
pub const FILES_FINISHED_AT_ONCE: usize = 2;
/// Pixels of a picture of which a thumbnail is made; decoding takes up to nine bytes for each.
pub const THUMBNAIL_FROM_PIXELS: u64 = 26_000_000;
/// Pixels along one side of such a picture.
pub const THUMBNAIL_FROM_SIDE: u32 = 16_384;
/// Pixels along the longer side of a thumbnail.
pub const THUMBNAIL_SIDE: u32 = 320;

/// How often a running server looks whether somebody has let in another version of a pack.
pub const POLICY_LOOK_MS: u64 = 1_000;

/// Acts of one kind that are read at once, the newest.
pub const ACTS_READ: usize = 5_000;
/// Years of which a figure may be: a typing error is told, and not answered with nothing of nothing.
pub const YEARS: std::ops::RangeInclusive<i32> = 1949..=2100;
/// Values that are named where somebody asked for one that there is not.
pub const VALUES_NAMED: usize = 24;
/// Signals of one kind that are shown at once.
pub const SIGNALS: usize = 50;

/// A policy pack as text: rules, units, calendars, strings, examples. The largest that ships has 130 KB.
pub const MAX_PACK_BYTES: usize = 4 * 1024 * 1024;

/// Characters of one word of letters or digits that are compared.
pub const WORD_CHARS: usize = 32;
/// Characters of a title whose initials are found, and of initials that are looked for.
pub const INITIALS_CHARS: usize = 48;
/// Readings of one run of initials that are found.
pub const INITIALS_READINGS: usize = 16;
/// Characters of a text that are found and shown in ledgers.
pub const GIST_CHARS: usize = 2_000;
/// Labels of a document that are found.
pub const GIST_LABELS: usize = 20;
/// Characters of what is typed into the search box that are looked at.
pub const TYPED_CHARS: usize = 80;
/// Terms of it.
pub const TYPED_TERMS: usize = 8;
/// Bytes of the database that a server which has just started reads ahead.
pub const READ_AHEAD_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes of it at a time.
pub const READ_AHEAD_PART: usize = 1024 * 1024;
/// Matches that are put in order by what is due or changed; beyond, the order is walked and what does not match passed over.
pub const SORTED_MATCHES: usize = 4_000;
/// Matches that are counted.
pub const COUNTED_MATCHES: usize = 1_000;
/// Documents that are filed at a time when a store of before is opened.
pub const FILED_AT_ONCE: usize = 100;
/// Cases on one page of a list.
pub const CASE_LINES: usize = 50;
/// Filters that one person keeps.
pub const FILTERS_KEPT: usize = 20;
/// Characters of a saved filter's name.
pub const FILTER_NAME_CHARS: usize = 40;
/// Characters of a saved filter as it stands in an address, each of Chinese nine of them.
pub const FILTER_CHARS: usize = 2_500;
/// Tasks of one group in an inbox.
pub const INBOX_TASKS: usize = 20;
/// Cases of somebody who is away in their deputy's inbox.
pub const COVERED_TASKS: usize = 200;
/// Days for which a case that has come to somebody is new to them, today included.
pub const NEW_DAYS: i64 = 3;
/// Cases on a printed list for the day.
pub const DAY_LIST: usize = 200;
/// Characters of a matter on it.
pub const DAY_LIST_CHARS: usize = 120;
/// Lines of a ledger on paper.
pub const LEDGER_LINES: usize = 500;
/// Lines of a ledger as a file.
pub const LEDGER_ROWS: usize = 20_000;
/// Lines of a ledger that are read at a time.
pub const LEDGER_PAGE: usize = 500;
/// Reveals that a case's page names.
pub const REVEALS_SHOWN: usize = 50;
/// Backups that the desk tells of.
pub const BACKUPS_TOLD: usize = 50;
/// Backups that the server leaves in its own folder before it makes no more: a full disk takes no edits.
pub const BACKUPS_LYING: usize = 14;
/// How often the server looks whether a backup is wished for, in milliseconds.
pub const BACKUP_LOOK_MS: u64 = 2_000;
/// A good backup that is older than this is too old, in milliseconds: two nights.
pub const BACKUP_OLD_MS: i64 = 2 * DAY_MS;
/// Rows of a feed that are looked through at a time for what is told outside.
pub const HOOK_FEED_ROWS: usize = 500;
/// Letters to one address that are sent one after the other before its feed is read on.
pub const HOOK_LETTERS: usize = 20;
/// How long after a failure the next attempt follows, in milliseconds; after the last the delivery is given up.
pub const HOOK_WAITS_MS: [i64; 6] = [5_000, 60_000, 5 * 60_000, 30 * 60_000, 2 * HOUR_MS, 12 * HOUR_MS];
/// The longest that an address may ask to be left alone for, in milliseconds.
pub const HOOK_RETRY_AFTER_MS: i64 = DAY_MS;
/// How long the journal keeps what has arrived, in milliseconds. What did not arrive stays until somebody has seen to it.
pub const HOOK_KEPT_MS: i64 = 180 * DAY_MS;
/// Deliveries that are forgotten at a time.
pub const HOOK_FORGOTTEN_AT_ONCE: usize = 1_000;
/// How long an address rests after a failure before anything else is sent to it, in milliseconds.
pub const HOOK_REST_MS: u64 = 5_000;
/// How long an address may take to answer, in milliseconds.
pub const HOOK_ANSWER_MS: u64 = 10_000;
/// How often the server looks whether there is something to tell, in milliseconds.
pub const HOOK_LOOK_MS: u64 = 2_000;
/// Addresses that are told what is decided, at most.
pub const HOOKS: usize = 32;
/// Bytes of a secret that letters are signed with, at least.
pub const HOOK_SECRET_BYTES: usize = 24;

/// Who works in a district is read again after so long: it may have been changed by another process.
pub const STAFF_MS: i64 = 10_000;
/// So long a browser keeps what a sign-in gave it. Whether that is good for anything the server says; once it is not, it tells
/// whose form it is that comes too late.
pub const COOKIE_LIFE_MS: i64 = 7 * DAY_MS;
/// A form is good in the week in which it was shown and in the next, in milliseconds.
pub const FORM_LIFE_MS: i64 = 7 * DAY_MS;
/// The name of somebody who works here.
pub const MAX_NAME_CHARS: usize = 64;
/// Names of so many Han characters are found within a text: shorter ones stand in half of all texts, and none is longer.
pub const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=12;
/// The same of words in other scripts: where syllables are set apart, a name has many.
pub const NAME_WORDS: std::ops::RangeInclusive<usize> = 1..=8;
/// The same of Han characters and words in other scripts side by side, each counted as one.
pub const NAME_MIXED: std::ops::RangeInclusive<usize> = 2..=5;

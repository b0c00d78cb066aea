//! Every limit that the two sides of the wire share. Sizes in bytes, durations in milliseconds.

/// The wire version spoken; part of the WebSocket subprotocol.
pub const WIRE_VERSION: u16 = 1;
/// The newest document schema of this build.
pub const SCHEMA_VERSION: u16 = 3;
/// The oldest that was ever shipped.
pub const OLDEST_SCHEMA: u16 = 1;
/// The fault of a restored centre that has lost more than it asked for: connect again at once.
pub const REOFFER_AGAIN: &str = "reoffer.again";
/// The fault of a session that another one of the same store has overtaken: connect again.
pub const SESSION_OVER: &str = "session.over";
/// Name of the WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "doorstep.v1";

/// One frame from a device.
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// One frame from the centre: a page holds at least one document, however long its history.
pub const MAX_PAGE_FRAME_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of all changes of one document. Twenty years of weekly visits to one household are 1.1 MB.
pub const MAX_DOCUMENT_BYTES: usize = 6 * 1024 * 1024;
/// One change. The gate's own bound; devices split larger edits.
pub const MAX_CHANGE_BYTES: usize = 256 * 1024;
/// Operations in one change; clearing a long text costs one a character.
pub const MAX_CHANGE_OPS: usize = 5_000;
/// Words of one worker in one field that do not know of one another. Two devices and a few old forms make
/// a handful; a resolution has room for the hashes of some 240.
pub const MAX_OWN_RIVALS: usize = 8;
/// Words of one field that stand side by side, of everybody.
pub const MAX_SIDES: usize = 32;
/// Changes of a document that no other builds on.
pub const MAX_HEADS: usize = 128;
/// Those of one device, which leaves a few.
pub const MAX_OWN_HEADS: usize = 32;
/// Changes that one change builds on: all heads of a document and more.
pub const MAX_DEPS: usize = 160;
/// Authors of one document. automerge keeps for many a change what it had seen of every author: 7,000 authors of
/// 7,000 changes (1 MB) took 569 MB. A device makes a fresh author each time that its program starts.
pub const MAX_AUTHORS: usize = 2_048;
/// Actors whose operations one change may touch, beside its author: clearing a text may touch everybody's.
pub const MAX_CHANGE_ACTORS: usize = MAX_AUTHORS + 8;
/// Values that may stand side by side in one place of a document. Whoever writes there next names all of them.
pub const MAX_VALUES: usize = 256;
/// The latest time that a change may carry, in milliseconds since 1970: the year 2100. A device whose clock is
/// beyond writes this one.
pub const MAX_TIME_MS: i64 = 4_102_444_800_000;
/// Values that the operations of one change may replace, all together.
pub const MAX_CHANGE_PREDS: usize = 10_000;
/// Changes in one push frame.
pub const MAX_PUSH_CHANGES: usize = 256;
/// Bytes of changes in one push frame: well under a frame.
pub const MAX_PUSH_BYTES: usize = 512 * 1024;
/// Hashes that one hello may announce. With this, the purges and the checkouts a full hello is a frame.
pub const MAX_ANNOUNCED: usize = 10_000;
/// Sessions that a store remembers to have begun since it last heard a welcome. One with more looks like a copy
/// and is told everything again.
pub const MAX_MARKS: usize = 32;
/// Checkouts that one hello may carry, and documents in one of them.
pub const MAX_CHECKOUTS: usize = 64;
/// Documents in one checkout.
pub const MAX_CHECKOUT_DOCUMENTS: usize = 256;
/// The longest that a checkout may hold up deciding.
pub const MAX_CHECKOUT_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// Arguments of one command.
pub const MAX_COMMAND_ARGS: usize = 16;
/// Characters of a command argument, a reason, a title.
pub const MAX_LINE_CHARS: usize = 500;
/// Characters of a description; longer texts are refused when typed.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Bytes of one appended item (log entry, signature, record).
pub const MAX_ITEM_BYTES: usize = 16 * 1024;
/// Bytes of entries after which a feed page is closed.
pub const PAGE_BYTES: usize = 384 * 1024;
/// Feed rows that one page reads at the most.
pub const PAGE_ROWS: usize = 512;
/// Bytes of frames that go together in one compressed message, unless a single one is larger.
pub const PACK_BYTES: usize = 512 * 1024;
/// Frames in one compressed message.
pub const PACK_FRAMES: usize = 4_096;
/// Changes that one receipt proves together: all of them fit into one return.
pub const RECEIPT_CHANGES: usize = MAX_PUSH_CHANGES;
/// Their bytes.
pub const RECEIPT_BYTES: usize = MAX_PUSH_BYTES;
/// Bytes of pushes that a device has under way before it waits for acks.
pub const PUSH_WINDOW_BYTES: usize = 4 * 1024 * 1024;
/// An announcement lapses this long after the last progress.
pub const ANNOUNCED_LAPSE_MS: i64 = 2 * 60 * 1000;
/// A server nonce, and with it a device token, is good for this long.
pub const NONCE_LIFE_MS: i64 = 2 * 60 * 1000;
/// Bytes of one attached picture.
pub const MAX_IMAGE_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of one attached voice recording: an hour and a half at 24 kbit/s.
pub const MAX_VOICE_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of one attached paper.
pub const MAX_PAPER_BYTES: u64 = 24 * 1024 * 1024;
/// Attachments of one document.
pub const MAX_ATTACHMENTS: usize = 500;
/// Characters of an attachment's file name.
pub const MAX_FILE_NAME_CHARS: usize = 120;
/// Bytes of one part of a blob on a device, and of one upload request: what an edit waits for at the most.
pub const BLOB_PART_BYTES: usize = 256 * 1024;

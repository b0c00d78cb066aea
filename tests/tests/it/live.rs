//! The real programs, as processes: what a script, a network and a crash would meet.
//!
//! Nothing here is linked from the server or the client; nothing waits by sleeping.

mod backup;
mod bytes;
mod channels;
mod conflict;
mod coverage;
mod deploy;
mod disk;
mod districts;
mod entry;
mod files;
mod fixtures;
mod hostile;
mod kill;
mod offline;
mod picture;
mod playing;
mod policy;
mod raw;
mod referral;
mod rewound;
mod scenario;
mod sealed;
mod telling;
mod trace;
mod tus;
mod visit;
mod world;

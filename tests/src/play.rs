//! Stories: a server and devices as real processes, played from files, with what they must show.
//!
//! Shipped and foreign stories take the same path: read, check, play, compare, tell.

pub mod api;
pub mod bench;
mod expect;
mod load;
mod packs;
mod perform;
pub mod process;
pub mod proxy;
mod report;
pub mod scenario;
pub mod soak;
mod stage;
mod story;
pub mod strings;
mod timeline;
mod watch;
pub mod wire;

pub use load::{BadStory, load_all};
pub use report::{Options, Played, stories};
pub use story::Story;

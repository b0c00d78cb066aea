//! The HTTP side told as stories: who asks for what, what they get, and the refusal beside it.
//!
//! Every answer of the API is held against the API's own document.

#![expect(clippy::large_futures, reason = "a story is one future; it is awaited once and not stored")]

mod accounts;
mod admin;
mod api;
mod backups;
mod case_page;
mod casework;
mod conform;
mod cover;
mod desk;
mod figures;
mod forms;
mod handing_over;
mod hooks;
mod lists;
mod pages;
mod preview;
mod review;
mod reviewing;
mod strangers;
mod supervision;
mod walked;
mod world;

//! What every error of this crate can tell a person: a stable code, what was kept, what to do next.
//!
//! Never decides an exit code or a language; that is the caller's.

/// An error that says what happened, what was kept and what to do next.
pub trait Explain: std::error::Error {
    /// Stable, dotted code; scripts and translations hang on it.
    fn code(&self) -> &str;
    /// What is safe in spite of the error.
    fn kept(&self) -> &str;
    /// What the person can do.
    fn next(&self) -> &str;
}

/// Nothing was written.
pub(crate) const AS_IT_WAS: &str = "Everything is as it was before.";
/// The usual comfort of a failed session.
pub(crate) const NOTHING_LOST: &str = "Nothing is lost: what is not acknowledged stays on this device.";

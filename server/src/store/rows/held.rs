//! What a device, or one copy of its store, holds by the centre's account.

/// What a device holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// The feed's sequence of the page that granted it; 0 where the device made it.
    pub granted: u64,
    /// The feed's sequence at which the grant ended.
    pub until: Option<u64>,
    /// Whether the device has confirmed that it is purged.
    pub purged: bool,
}

impl HeldRow {
    /// Above every cursor: granted, and to be told in full.
    pub const ANEW: u64 = i64::MAX as u64;

    /// Whether the grant stands, and the device has it or is told it by the news after its cursor.
    pub fn is_told(&self) -> bool {
        self.until.is_none() && self.granted != Self::ANEW
    }
}

//! LEB128 numbers, and reading bytes that may end anywhere. Never reads past its slice.

/// Appends an unsigned number.
pub(super) fn push(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Appends a number with a sign as automerge does.
pub(super) fn push_signed(to: &mut Vec<u8>, mut number: i64) {
    loop {
        let (low, sign) = (number as u8 & 0x7f, number as u8 & 0x40 != 0);
        number >>= 7;
        if (number == 0 && !sign) || (number == -1 && sign) {
            return to.push(low);
        }
        to.push(low | 0x80);
    }
}

/// A difference as a small unsigned number.
pub(super) fn push_difference(to: &mut Vec<u8>, new: u64, old: u64) {
    let by = new.wrapping_sub(old) as i64;
    push(to, ((by << 1) ^ (by >> 63)) as u64);
}

/// What is left of the input.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, n: u64) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(usize::try_from(n).ok()?)?;
        self.0 = tail;
        Some(head)
    }

    fn bits(&mut self) -> Option<(u64, u32)> {
        let end = self.0.iter().take(10).position(|byte| byte & 0x80 == 0)? as u64 + 1;
        let bytes = self.take(end)?;
        let bits = bytes.iter().rev().fold(0_u64, |bits, byte| (bits << 7) | u64::from(byte & 0x7f));
        Some((bits, 7 * end as u32))
    }

    /// An unsigned number.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.bits().map(|(bits, _)| bits)
    }

    /// A number with a sign.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let (bits, len) = self.bits()?;
        let unused = 64_u32.saturating_sub(len);
        Some((bits << unused) as i64 >> unused)
    }

    /// `old` and what [`push_difference`] wrote.
    pub(super) fn difference(&mut self, old: u64) -> Option<u64> {
        let zigzag = self.number()?;
        Some(old.wrapping_add((zigzag >> 1) ^ (zigzag & 1).wrapping_neg()))
    }
}

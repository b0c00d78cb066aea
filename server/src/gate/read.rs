//! Bounded reading of bytes and canonical LEB128 numbers. Never reads past its slice.

use super::Refusal;

/// Bytes of the longest LEB128 number of 64 bits.
const LONGEST: usize = 10;

/// What is left of the input.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, n: u64) -> Result<&'a [u8], Refusal> {
        let n = usize::try_from(n).map_err(|_| Refusal::Truncated)?;
        let (head, tail) = self.0.split_at_checked(n).ok_or(Refusal::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    /// An unsigned number in its shortest form.
    pub(super) fn uleb(&mut self) -> Result<u64, Refusal> {
        let (bytes, bits) = self.leb()?;
        match bytes {
            [_, .., 0] => Err(Refusal::Overlong),
            // The tenth byte has room for one bit.
            [.., last] if bytes.len() == LONGEST && *last > 1 => Err(Refusal::NumberTooLarge),
            _ => Ok(bits),
        }
    }

    /// A signed number in its shortest form.
    pub(super) fn sleb(&mut self) -> Result<i64, Refusal> {
        let (bytes, bits) = self.leb()?;
        match bytes {
            // The tenth byte may only repeat the sign.
            [.., last] if bytes.len() == LONGEST && !matches!(last, 0 | 0x7f) => Err(Refusal::NumberTooLarge),
            [.., before, 0] if before & 0x40 == 0 => Err(Refusal::Overlong),
            [.., before, 0x7f] if before & 0x40 != 0 => Err(Refusal::Overlong),
            _ => {
                let unused = 64u32.saturating_sub(7 * bytes.len() as u32);
                Ok((bits << unused) as i64 >> unused)
            }
        }
    }

    pub(super) fn utf8(&mut self, len: u64) -> Result<&'a str, Refusal> {
        std::str::from_utf8(self.take(len)?).map_err(|_| Refusal::Utf8)
    }

    /// The bytes of a number and its bits, seven a byte, the lowest first.
    fn leb(&mut self) -> Result<(&'a [u8], u64), Refusal> {
        let last = self.0.iter().take(LONGEST).position(|byte| byte & 0x80 == 0);
        let endless = if self.0.len() < LONGEST { Refusal::Truncated } else { Refusal::NumberTooLarge };
        let bytes = self.take(last.ok_or(endless)? as u64 + 1)?;
        let bits = bytes.iter().rev().fold(0, |bits, byte| (bits << 7) | u64::from(byte & 0x7f));
        Ok((bytes, bits))
    }
}

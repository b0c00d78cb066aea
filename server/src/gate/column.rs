//! Cursors over run-length encoded columns. Owns the one encoding of a column that is accepted.
//!
//! Each cursor has `room` for a number of rows and charges a run against it when the run begins, so
//! a run of 2^32 nulls costs one comparison. Each accepts only the one encoding that automerge's own
//! encoders produce: a saved document stores columns of its own and rebuilds every change from them,
//! so a change that was encoded in another way comes back with another hash, and the document no
//! longer loads.

use super::Refusal;
use super::read::Reader;

/// One value of a column.
pub(super) trait Item<'a>: Copy + PartialEq {
    fn read(input: &mut Reader<'a>) -> Result<Self, Refusal>;
}

impl Item<'_> for u64 {
    fn read(input: &mut Reader<'_>) -> Result<Self, Refusal> {
        input.uleb()
    }
}

impl Item<'_> for i64 {
    fn read(input: &mut Reader<'_>) -> Result<Self, Refusal> {
        input.sleb()
    }
}

impl<'a> Item<'a> for &'a str {
    fn read(input: &mut Reader<'a>) -> Result<Self, Refusal> {
        let len = input.uleb()?;
        input.utf8(len)
    }
}

#[derive(PartialEq)]
enum Segment {
    Run,
    Literal,
    Null,
}

/// Run-length encoding: a signed count n, then for n > 0 one value, for n < 0 |n| values, for n = 0
/// an unsigned count of nulls.
pub(super) struct Rle<'a, T> {
    input: Reader<'a>,
    room: u64,
    left: u64,
    segment: Segment,
    last: Option<T>,
    has_value: bool,
}

impl<'a, T: Item<'a>> Rle<'a, T> {
    pub(super) fn new(bytes: &'a [u8], room: u64) -> Self {
        Self { input: Reader(bytes), room, left: 0, segment: Segment::Run, last: None, has_value: false }
    }

    pub(super) fn done(&self) -> bool {
        self.left == 0 && self.input.is_empty()
    }

    /// The next row; `None` is a null.
    pub(super) fn next(&mut self) -> Result<Option<T>, Refusal> {
        if self.left == 0 {
            self.open()?;
        }
        self.left -= 1;
        if self.segment == Segment::Literal {
            let value = T::read(&mut self.input)?;
            self.follow(value)?;
        }
        Ok(self.last)
    }

    /// The next row of a column that has no nulls.
    pub(super) fn required(&mut self) -> Result<T, Refusal> {
        self.next()?.ok_or(Refusal::Null)
    }

    /// No rows are left. A column of nulls only is left out by the encoder.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        match (self.done(), self.has_value) {
            (false, _) => Err(Refusal::LongColumn),
            (true, false) => Err(Refusal::Runs),
            (true, true) => Ok(()),
        }
    }

    fn open(&mut self) -> Result<(), Refusal> {
        if self.input.is_empty() {
            return Err(Refusal::ShortColumn);
        }
        let count = self.input.sleb()?;
        self.left = count.unsigned_abs();
        match count {
            0 => {
                self.left = self.input.uleb()?;
                if self.left == 0 || self.segment == Segment::Null {
                    return Err(Refusal::Runs);
                }
                self.segment = Segment::Null;
                self.last = None;
            }
            1 => return Err(Refusal::Runs), // a single value is a literal of one
            2.. => {
                let value = T::read(&mut self.input)?;
                self.follow(value)?;
                self.segment = Segment::Run;
            }
            ..0 => {
                if self.segment == Segment::Literal {
                    return Err(Refusal::Runs);
                }
                self.segment = Segment::Literal;
            }
        }
        self.room = self.room.checked_sub(self.left).ok_or(Refusal::LongColumn)?;
        Ok(())
    }

    /// Equal neighbours belong in one run.
    fn follow(&mut self, value: T) -> Result<(), Refusal> {
        if self.last == Some(value) {
            return Err(Refusal::Runs);
        }
        self.last = Some(value);
        self.has_value = true;
        Ok(())
    }
}

/// Run-length encoded differences, the first from 0. Only operation counters are stored so.
pub(super) struct Delta<'a> {
    rle: Rle<'a, i64>,
    value: i64,
}

impl<'a> Delta<'a> {
    pub(super) fn new(bytes: &'a [u8], room: u64) -> Self {
        Self { rle: Rle::new(bytes, room), value: 0 }
    }

    /// The next row; `None` is a null.
    pub(super) fn next(&mut self) -> Result<Option<u64>, Refusal> {
        let Some(step) = self.rle.next()? else { return Ok(None) };
        self.value = self.value.checked_add(step).ok_or(Refusal::OpCounter)?;
        u64::try_from(self.value).map(Some).map_err(|_| Refusal::OpCounter)
    }

    /// No rows are left.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        self.rle.finish()
    }
}

/// Unsigned counts of false, true, false, ...; only the first may be 0.
pub(super) struct Boolean<'a> {
    input: Reader<'a>,
    room: u64,
    left: u64,
    value: bool,
    started: bool,
}

impl<'a> Boolean<'a> {
    pub(super) fn new(bytes: &'a [u8], room: u64) -> Self {
        Self { input: Reader(bytes), room, left: 0, value: true, started: false }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<bool, Refusal> {
        while self.left == 0 {
            if self.input.is_empty() {
                return Err(Refusal::ShortColumn);
            }
            self.left = self.input.uleb()?;
            if self.left == 0 && self.started {
                return Err(Refusal::Runs);
            }
            self.room = self.room.checked_sub(self.left).ok_or(Refusal::LongColumn)?;
            self.started = true;
            self.value = !self.value;
        }
        self.left -= 1;
        Ok(self.value)
    }

    /// No rows are left.
    pub(super) fn finish(&self) -> Result<(), Refusal> {
        if self.left == 0 && self.input.is_empty() { Ok(()) } else { Err(Refusal::LongColumn) }
    }
}

//! Numbers for byte strings, given in order and taken back in reverse.

use std::collections::HashMap;
use std::sync::Arc;

/// A two-way table of byte strings and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interner {
    strings: Vec<Arc<[u8]>>,
    numbers: HashMap<Arc<[u8]>, u32>,
}

impl Interner {
    pub(super) fn len(&self) -> usize {
        self.strings.len()
    }

    pub(super) fn find(&self, string: &[u8]) -> Option<u32> {
        self.numbers.get(string).copied()
    }

    pub(super) fn string(&self, number: u32) -> &[u8] {
        &self.strings[number as usize]
    }

    pub(super) fn intern(&mut self, string: &[u8]) -> u32 {
        if let Some(number) = self.find(string) {
            return number;
        }
        let number = self.strings.len() as u32;
        let string: Arc<[u8]> = string.into();
        self.strings.push(Arc::clone(&string));
        self.numbers.insert(string, number);
        number
    }

    /// Forgets all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        for string in self.strings.drain(len.min(self.strings.len())..) {
            self.numbers.remove(&string);
        }
    }
}

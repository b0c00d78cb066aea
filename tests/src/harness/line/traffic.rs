//! What a line carries: messages as the driver packs them, and their bytes.

use std::collections::VecDeque;

use doorstep_client::driver;
use doorstep_protocol::wire::Up;

/// Messages and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages of the device.
    pub frames_up: usize,
    /// Their bytes.
    pub bytes_up: usize,
    /// Messages of the centre.
    pub frames_down: usize,
    /// Their bytes.
    pub bytes_down: usize,
}

impl Traffic {
    pub(super) fn up(&mut self, queue: &mut VecDeque<Vec<u8>>, frames: Vec<Up>) {
        for message in driver::pack(&frames) {
            self.frames_up += 1;
            self.bytes_up += message.len();
            queue.push_back(message);
        }
    }
}

//! The codec's tests: the published vectors, the bounds, and bytes that nobody meant.

mod bounds;
mod examples;
mod hostile;
mod invalid;
mod packs;
mod readable;
mod vectors;

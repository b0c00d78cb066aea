//! A short run of the simulation; long runs are `doorstep-play sim`.

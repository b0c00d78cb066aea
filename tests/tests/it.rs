//! The one integration test binary: stories over the in-process world, the simulation, and live tests.

mod it {
    mod merging;
    mod network;
    mod refusals;
    mod settling;
    mod simulation;
    mod timers;
    mod village;
    mod visibility;
}

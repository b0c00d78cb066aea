//! The one integration test binary: stories over the in-process world, the simulation, and live tests.

mod it {
    mod accepted;
    mod accounts;
    mod discipline;
    mod draws;
    mod drills;
    mod erasure;
    mod evolution;
    mod figures;
    mod first_sync;
    mod handing_over;
    mod healing;
    mod inspected;
    mod leave;
    mod life;
    mod live;
    mod mechanisms;
    mod meetings;
    mod merging;
    mod missed;
    mod moved;
    mod named;
    mod network;
    mod once;
    mod packs;
    mod people;
    mod refusals;
    mod rewound;
    mod roads;
    mod settling;
    mod sign_off;
    mod simulation;
    mod supervision;
    mod tidy;
    mod timers;
    mod turned_out;
    mod village;
    mod visibility;
    mod visits;
    mod wording;
}

//! Stories of accounts on the memory store, with a clock that stands still until it is told.

use doorstep_protocol::documents::Role;

use super::*;
use crate::clock::Source;
use crate::store::memory::MemoryStore;

const HOUR: Millis = limits::HOUR_MS;

#[derive(Debug)]
struct Dice(std::sync::atomic::AtomicU8);

impl Source for Dice {
    fn now(&self) -> Millis {
        0
    }

    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

struct World {
    store: MemoryStore,
    dice: Dice,
    given: String,
}

impl World {
    async fn new() -> Self {
        let (store, dice) = (MemoryStore::default(), Dice(0.into()));
        let given = give(&store, &li(), "Li.Na", (0, &dice)).await.expect("given");
        World { store, dice, given }
    }

    async fn enter(&self, login: &str, password: &str, now: Millis) -> Result<SignIn, AccountError> {
        sign_in(&self.store, (login, password.to_owned(), "Firefox"), (now, &self.dice)).await
    }

    async fn holds(&self, cookie: &str, now: Millis) -> bool {
        of_cookie(&self.store, cookie, now).await.expect("reads").is_some()
    }
}

fn li() -> Person {
    Person {
        worker: WorkerId(7),
        name: "李娜".into(),
        district: "511902".into(),
        unit: "511902-intake".into(),
        role: Role::Reviewer,
        ended: None,
    }
}

#[tokio::test]
async fn a_given_password_lets_one_in_to_choose_ones_own() {
    let world = World::new().await;
    let first = world.enter(" li.na ", &world.given, 1).await.expect("the given password is right");
    let found = of_cookie(&world.store, &first.cookie, 2).await.expect("reads").expect("signed in");
    assert!(found.password_due && found.worker == WorkerId(7));
    let other = world.enter("li.na", &world.given, 3).await.expect("a second browser");
    let new = || "塘边调查 2024 春天".to_owned();
    let chosen = (world.given.clone(), new());
    choose(&world.store, (first.worker, &first.cookie), chosen, (4, &world.dice)).await.expect("chosen");
    let found = of_cookie(&world.store, &first.cookie, 5).await.expect("reads").expect("still signed in");
    assert!(!found.password_due);
    assert!(!world.holds(&other.cookie, 5).await, "the other browser is signed out");
    assert!(world.enter("li.na", &world.given, 6).await.is_err(), "the given password is gone");
    assert!(world.enter("li.na", &new(), 6).await.is_ok());
}

#[tokio::test]
async fn passwords_that_do_not_do_are_refused_with_the_reason() {
    let world = World::new().await;
    let signed = world.enter("li.na", &world.given, 1).await.expect("signed in");
    let choose = async |old: &str, new: &str| {
        let who = (signed.worker, signed.cookie.as_str());
        super::choose(&world.store, who, (old.into(), new.into()), (2, &world.dice)).await
    };
    for (new, why) in [
        ("short", Unfit::Length),
        ("aaaaaaaaaaaaaa", Unfit::Guessable),
        ("my Li.Na password", Unfit::Guessable),
        (world.given.as_str(), Unfit::Same),
    ] {
        let refused = choose(&world.given, new).await.expect_err(new);
        assert!(matches!(refused, AccountError::Unfit(unfit) if unfit == why), "{new}: {refused}");
    }
    let refused = choose("not mine at all", "a good long one").await.expect_err("the old one is wrong");
    assert!(matches!(refused, AccountError::Wrong));
    choose(&world.given, "a good long one").await.expect("this one does");
}

#[tokio::test]
async fn guessing_locks_the_account_for_a_while() {
    let world = World::new().await;
    for guess in 0..limits::WRONG_PASSWORDS {
        assert!(world.enter("li.na", "a wrong one", i64::from(guess)).await.is_err());
    }
    assert!(world.enter("li.na", &world.given, 10).await.is_err(), "locked: the right one does not help");
    let later = limits::LOCKED_MS + i64::from(limits::WRONG_PASSWORDS);
    world.enter("li.na", &world.given, later).await.expect("open again");
    assert!(world.enter("li.na", "wrong again", later).await.is_err());
    world.enter("li.na", &world.given, later).await.expect("one wrong one after a right one does not lock");
}

#[tokio::test]
async fn nobody_is_answered_like_somebody_with_a_wrong_password() {
    let world = World::new().await;
    for login in ["nobody", "", "li na", "'; --"] {
        let refused = world.enter(login, &world.given, 1).await.expect_err(login);
        assert!(matches!(refused, AccountError::Wrong));
    }
}

#[tokio::test]
async fn a_sign_in_ends_by_itself_or_by_hand() {
    let world = World::new().await;
    let idle = world.enter("li.na", &world.given, 0).await.expect("signed in");
    assert!(world.holds(&idle.cookie, limits::SIGN_IN_IDLE_MS - 1).await);
    let again = limits::SIGN_IN_IDLE_MS - 1;
    assert!(world.holds(&idle.cookie, again + limits::SIGN_IN_IDLE_MS - 1).await, "using it keeps it");
    assert!(!world.holds(&idle.cookie, again + 9 * HOUR).await, "left alone, it ends");
    let ended = world.enter("li.na", &world.given, 0).await.expect("signed in");
    assert!(!end(&world.store, WorkerId(8), id_of(&ended.cookie), 1).await.expect("writes"), "not another's");
    assert!(end(&world.store, WorkerId(7), id_of(&ended.cookie), 1).await.expect("writes"));
    assert!(!world.holds(&ended.cookie, 1).await);
    assert!(!world.holds("s.made-up", 1).await && !world.holds("", 1).await);
}

#[tokio::test]
async fn a_login_is_one_persons() {
    let world = World::new().await;
    let wang = Person { worker: WorkerId(8), name: "王敏".into(), ..li() };
    let refused = give(&world.store, &wang, "LI.NA", (0, &world.dice)).await.expect_err("taken");
    assert!(matches!(refused, AccountError::Unfit(Unfit::Taken)));
    let signed = world.enter("li.na", &world.given, 1).await.expect("signed in");
    let again = give(&world.store, &li(), "lina", (2, &world.dice)).await.expect("another login for her");
    assert!(!world.holds(&signed.cookie, 3).await, "a new password ends what was begun with the old");
    assert!(world.enter("li.na", &again, 3).await.is_err() && world.enter("lina", &again, 3).await.is_ok());
}

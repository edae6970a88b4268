//! Signing in, with a store and a clock that can be moved.

use tokio::time::{Duration, advance, pause, resume};

use super::*;
use crate::{
    audit::Line,
    store::{
        passwords::tests::{add, change},
        trail::{self, Wanted},
    },
};
use tokio::sync::mpsc::Receiver;

const ANNA: &str = "anna@acme.test";

struct Bench {
    sign_in: Arc<SignIn>,
    store: Arc<Store>,
    lines: Receiver<Line>,
}

/// `anna@acme.test` is provisioned with the password `anna-1`, `alice@example.com` has `alice-1` in clear and
/// `bob@example.com` has `bob-1` as a hash.
async fn bench() -> Bench {
    let store = Store::open(None).await.unwrap();
    let hash = async |password: &str| hash_password(password.to_owned()).await.unwrap();
    add(&store, hash("anna-1").await.text()).await;
    let text = format!(
        r#"[{{"user":"alice@example.com","password":"alice-1"}},{{"user":"bob@example.com","passwordHash":"{}"}}]"#,
        hash("bob-1").await.text()
    );
    let (mut accounts, mut book) = Book::read(&text).unwrap();
    book.take(&mut accounts);
    let (audit, lines) = Audit::new();
    let limits = Limits { user_tries: 3, ..Limits::default() };
    let sign_in = Arc::new(SignIn::new(book, Arc::default(), limits, audit));
    Bench { sign_in, store: Arc::new(store), lines }
}

fn given(name: &str, password: &str) -> Given {
    let user = [ANNA, "alice@example.com", "bob@example.com"].contains(&name).then(|| UserKey::of(name));
    let client = Client { address: [192, 0, 2, 1].into(), request_id: String::new() };
    Given { user, name: Name::of(name), password: password.into(), client, at: 1 }
}

impl Bench {
    /// Whether a password is right, or how long to wait, in seconds.
    async fn tries(&self, name: &str, password: &str) -> Result<bool, u64> {
        let given = given(name, password);
        match self.sign_in.look(&self.store, &given).await {
            Ok(()) => Ok(given.user.is_some_and(|user| self.sign_in.proven.knows(&user, password))),
            Err(NotNow::Throttled(wait)) => Err(wait.seconds()),
            Err(other) => panic!("{other:?}"),
        }
    }
}

async fn pass(seconds: u64) {
    pause();
    advance(Duration::from_secs(seconds)).await;
    resume();
}

#[tokio::test]
async fn passwords_of_every_kind_are_looked_at() {
    let bench = bench().await;
    let rows = [
        (ANNA, "anna-1", true),
        (ANNA, "anna-2", false),
        (ANNA, "anna-1", true),
        ("alice@example.com", "alice-1", true),
        ("alice@example.com", "alice-2", false),
        ("bob@example.com", "bob-1", true),
        ("bob@example.com", "bob-2", false),
        ("nobody@example.com", "bob-1", false),
        ("", "", false),
    ];
    for (name, password, wanted) in rows {
        assert_eq!(bench.tries(name, password).await, Ok(wanted), "{name} {password}");
    }
    change(&bench.store, "UPDATE subscribers SET state = $1", "deleting").await;
    bench.sign_in.forget(&UserKey::of(ANNA));
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(false), "who is being deleted does not sign in");
}

#[tokio::test]
async fn whoever_is_wrong_too_often_waits_longer_and_longer() {
    let bench = bench().await;
    for name in [ANNA, "nobody@example.com"] {
        for _ in 0..3 {
            assert_eq!(bench.tries(name, "x").await, Ok(false));
        }
        assert_eq!(bench.tries(name, "anna-1").await, Err(1), "the right password has to wait, too");
        pass(1).await;
        assert_eq!(bench.tries(name, "x").await, Ok(false));
        assert_eq!(bench.tries(name, "x").await, Err(2));
        assert_eq!(bench.tries("bob@example.com", "bob-1").await, Ok(true), "others go on");
    }
    pass(2).await;
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true));
    for _ in 0..3 {
        assert_eq!(bench.tries(ANNA, "x").await, Ok(false), "a success makes it forgotten");
    }
    assert_eq!(bench.tries(ANNA, "x").await, Err(1));
}

#[tokio::test]
async fn nobody_locks_out_a_client_that_was_right_before() {
    let bench = bench().await;
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true));
    pass(3_601).await;
    for _ in 0..3 {
        assert_eq!(bench.tries(ANNA, "x").await, Ok(false));
    }
    assert_eq!(bench.tries(ANNA, "x").await, Err(1));
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true), "the old proof is good as long as there is no new one");
    pass(24 * 3_600).await;
    for _ in 0..3 {
        bench.tries(ANNA, "x").await.unwrap();
    }
    assert_eq!(bench.tries(ANNA, "anna-1").await, Err(1), "but not for ever");
}

#[tokio::test]
async fn a_changed_password_is_good_at_once_and_the_old_one_no_longer() {
    let bench = bench().await;
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true));
    let hash = bench.sign_in.hash("anna-2".into()).await.unwrap();
    change(&bench.store, "UPDATE subscribers SET password_hash = $1", hash.text()).await;
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true), "nobody told of it yet");
    bench.sign_in.forget(&UserKey::of(ANNA));
    assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(false));
    assert_eq!(bench.tries(ANNA, "anna-2").await, Ok(true));
    // Nobody tells of this change, so it counts when the proof is old.
    change(&bench.store, "UPDATE subscribers SET password_hash = $1", "gone").await;
    pass(3_601).await;
    assert_eq!(bench.tries(ANNA, "anna-2").await, Ok(false));
    assert!(!bench.sign_in.proven.knows(&UserKey::of(ANNA), "anna-2"));
}

#[tokio::test]
async fn requests_that_come_together_are_one_look() {
    let mut bench = bench().await;
    let all = (0..20).map(|_| {
        let (sign_in, store) = (bench.sign_in.clone(), bench.store.clone());
        tokio::spawn(async move { sign_in.look(&store, &given(ANNA, "anna-1")).await.is_ok() })
    });
    for looked in all.collect::<Vec<_>>() {
        assert!(looked.await.unwrap());
    }
    let mut lines = Vec::new();
    assert_eq!(bench.lines.recv_many(&mut lines, 100).await, 1);
}

#[tokio::test]
async fn what_is_tried_in_parallel_counts_as_well() {
    let bench = bench().await;
    let all = (0..20).map(|_| {
        let (sign_in, store) = (bench.sign_in.clone(), bench.store.clone());
        tokio::spawn(async move { sign_in.look(&store, &given(ANNA, "x")).await.is_ok() })
    });
    let mut looked = 0;
    for one in all.collect::<Vec<_>>() {
        looked += u32::from(one.await.unwrap());
    }
    assert_eq!(looked, 3);
}

#[tokio::test]
async fn a_guess_counts_though_its_client_hangs_up() {
    let mut bench = bench().await;
    for _ in 0..3 {
        let (sign_in, store) = (bench.sign_in.clone(), bench.store.clone());
        let looking = tokio::spawn(async move { sign_in.look(&store, &given(ANNA, "x")).await.is_ok() });
        // Its turn has come when it asks the store, where it is held up.
        let held = bench.store.write().await;
        while bench.sign_in.passwords.is_idle() {
            tokio::task::yield_now().await;
        }
        looking.abort();
        assert!(looking.await.unwrap_err().is_cancelled());
        drop(held);
        let mut lines = Vec::new();
        assert_eq!(bench.lines.recv_many(&mut lines, 100).await, 1);
    }
    assert_eq!(bench.tries(ANNA, "anna-1").await, Err(1));
}

#[tokio::test]
async fn the_log_tells_who_and_nobody_who_does_not_exist() {
    let bench = bench().await;
    for (name, password) in [(ANNA, "anna-1"), (ANNA, "anna-1"), (ANNA, "x"), ("secret@example.com", "x")] {
        bench.tries(name, password).await.unwrap();
    }
    bench.sign_in.audit.close();
    bench.sign_in.audit.write(bench.lines, &crate::hub::Hub::empty(), &bench.store, 100_000).await;
    let wanted = Wanted { most: 9, ..Wanted::default() };
    let lines = trail::read(&mut bench.store.read().await.unwrap(), &wanted).await.unwrap();
    let told: Vec<(&str, &str, &str)> = lines.iter().map(|l| (&*l.account, &*l.actor, &*l.outcome)).collect();
    let wanted = [("", "", "unknown-user"), ("acme", ANNA, "wrong-password"), ("acme", ANNA, "done")];
    assert_eq!(told, wanted, "what was proven before is no sign-in");
}

/// A measurement, not a test: `cargo test --release -p kandy-gateway --lib -- --ignored --nocapture what_a_look_costs`.
#[tokio::test]
#[ignore = "a measurement"]
async fn what_a_look_costs() {
    let bench = bench().await;
    let mean = async |count: u32, forget: bool| {
        let start = std::time::Instant::now();
        for _ in 0..count {
            assert_eq!(bench.tries(ANNA, "anna-1").await, Ok(true));
            if forget {
                bench.sign_in.forget(&UserKey::of(ANNA));
            }
        }
        start.elapsed() / count
    };
    let looked = mean(50, true).await;
    bench.tries(ANNA, "anna-1").await.unwrap();
    let proven = mean(100_000, false).await;
    eprintln!("a password that is hashed: {looked:?}; one that was proven: {proven:?}");
    assert!(proven < looked / 100);
}

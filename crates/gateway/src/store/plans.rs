//! How the database finds what it is asked for: by an index, whatever there is of others.

use std::collections::BTreeSet;

use kandy_switch::UserKey;

use super::{
    Store, contacts, contents, erase, files,
    messages::{self, Draft},
    records,
    threads::{self, ThreadName, ThreadPage},
};

/// The steps of a statement that look at a table, as SQLite tells them.
async fn steps(store: &Store, sql: &'static str) -> Vec<String> {
    let mut reader = store.read().await.unwrap();
    let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(plan).fetch_all(&mut *reader).await.unwrap();
    rows.into_iter().map(|row| row.3).collect()
}

#[tokio::test]
async fn every_question_is_answered_by_indices() {
    let store = Store::open(None).await.unwrap();
    let questions: [(&str, &'static str, usize); 20] = [
        ("a page of messages", messages::PAGE, 3),
        ("what waits", messages::WAITING, 3),
        ("what waits no longer", messages::PRUNE, 2),
        ("whether it was sent before", messages::KNOWN, 1),
        ("the thread of some users", threads::PLACE, 2),
        ("a list of threads", threads::LIST, 3),
        ("one thread", threads::BY_ID, 3),
        ("what is unread", threads::UNREAD, 2),
        ("the newest message", threads::NEWEST, 2),
        ("whether anybody sees it", erase::SEEN, 2),
        ("what is erased", erase::DETACH, 2),
        ("the files of messages", files::ATTACHED, 2),
        ("a file that somebody sees", files::VISIBLE, 5),
        ("uploads that give way", files::DROP, 3),
        ("a part of a file", contents::CHUNK_AT, 1),
        ("an address book", contacts::ALL, 1),
        ("a contact", contacts::ONE, 1),
        ("a page of a call history", records::PAGE, 1),
        ("how long a call history is", records::COUNT, 1),
        ("what is too much of it", records::BOUND, 2),
    ];
    for (what, sql, searches) in questions {
        let steps = steps(&store, sql).await;
        let scans: Vec<_> =
            steps.iter().filter(|step| step.starts_with("SCAN") && !step.contains("json_each")).collect();
        assert_eq!(scans, [""; 0], "{what}: {steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE") && !what.contains("files")), "{what}: {steps:?}");
        assert_eq!(steps.iter().filter(|step| step.starts_with("SEARCH")).count(), searches, "{what}: {steps:?}");
    }
}

/// Run by hand: `cargo test --release -p kandy-gateway --lib -- --ignored --nocapture pages_of_a_long_history`
#[tokio::test]
#[ignore = "a measurement"]
async fn pages_of_a_long_history() {
    const MESSAGES: i64 = 100_000;
    let store = Store::open(None).await.unwrap();
    let [alice, bob] = ["alice@example.com", "bob@example.com"].map(UserKey::of);
    let receivers = BTreeSet::from([bob.clone()]);
    let mut db = store.write().await;
    let begun = std::time::Instant::now();
    for at in 1..=MESSAGES {
        let text = format!("message number {at}");
        let client_id = format!("id-{at}");
        let draft = Draft {
            sender: &alice,
            receivers: &receivers,
            text: Some(&text),
            files: &[],
            client_id: Some(&client_id),
            at,
        };
        messages::send(&mut db, &draft).await.unwrap();
    }
    let per = |name: &str, begun: std::time::Instant, count: u32| {
        eprintln!("{name}: {:.3} ms", begun.elapsed().as_secs_f64() * 1_000.0 / f64::from(count));
    };
    per("a message stored", begun, 100_000);
    let thread = threads::find(&mut db, &bob, &ThreadName::Pair(alice.clone())).await.unwrap().unwrap();
    assert_eq!((thread.unread, thread.last), (MESSAGES, MESSAGES));
    for (name, before) in [("the newest page of 50", i64::MAX), ("one in the middle", MESSAGES / 2), ("the oldest", 51)]
    {
        let begun = std::time::Instant::now();
        for _ in 0..100 {
            let page = messages::page(&mut db, &bob, &thread, before, 50).await.unwrap();
            assert_eq!(page.len(), 50);
        }
        per(name, begun, 100);
    }
    let begun = std::time::Instant::now();
    let list = threads::list(&mut db, &bob, ThreadPage { groups: None, before: i64::MAX, length: 50 }).await.unwrap();
    assert_eq!(list.len(), 1);
    per("the list of threads", begun, 1);
    let begun = std::time::Instant::now();
    assert_eq!(threads::mark_read(&mut db, &bob, &thread, 1, 1).await.unwrap(), MESSAGES - 1);
    per("a read mark with all of it unread", begun, 1);
}

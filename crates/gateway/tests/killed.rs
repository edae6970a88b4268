//! The gateway killed in the midst of writing. The long form is `kandy-load write --kills 200 --clients 20`.

#![cfg(test)]

use std::path::Path;

use kandy_load::{ChildGateway, Progress, Writing, write, write_by_engines};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_every_death() {
    let plan = Writing { clients: 8, kills: 3, seed: u64::from(std::process::id()), wait: 60 };
    let binary = Path::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    let mut gateway = ChildGateway::new(binary, &plan.accounts()).unwrap().keeping().unwrap();
    let mut lines = Vec::new();
    let report = write(&mut gateway, &plan, &mut Progress::new(&mut lines)).await.unwrap();
    // With the seed, by which it can be done again.
    eprintln!("{report}");
    assert!(report.is_complete(), "{report}");
    // Eight threads of two and one group, each seen by two.
    assert_eq!(report.histories, 18);
}

#[tokio::test]
async fn what_clients_show_as_sent_is_stored_and_heard_of_once() {
    let plan = Writing { clients: 6, kills: 3, seed: u64::from(std::process::id()), wait: 60 };
    let binary = Path::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    let mut gateway = ChildGateway::new(binary, &plan.accounts()).unwrap().keeping().unwrap();
    let mut lines = Vec::new();
    let report = write_by_engines(&mut gateway, &plan, &mut Progress::new(&mut lines)).await.unwrap();
    // With the seed, by which it can be done again.
    eprintln!("{report}");
    assert!(report.is_complete(), "{report}");
    // The clients know how to come back, and have time for it.
    assert_eq!((report.sent, report.failed, report.ended), (report.taken, 0, 0), "{report}");
}

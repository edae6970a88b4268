//! The gateway killed in the midst of writing. The long form is `kandy-load write --kills 200 --clients 20`.

#![cfg(test)]

mod place;

use std::path::Path;

use kandy_load::{ChildGateway, Progress, Writing, write, write_by_engines};
use place::Schema;

fn gateway(binary: &Path, plan: &Writing, schema: Option<&Schema>) -> ChildGateway {
    let gateway = ChildGateway::new(binary, &plan.accounts()).unwrap().keeping().unwrap();
    gateway.storing_in(schema.map(|schema| schema.url.clone()))
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_every_death() {
    let plan = Writing { clients: 8, kills: 3, seed: u64::from(std::process::id()), wait: 60 };
    let binary = Path::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    let schema = Schema::new();
    let mut gateway = gateway(binary, &plan, schema.as_ref());
    let mut lines = Vec::new();
    let report = write(&mut gateway, &plan, &mut Progress::new(&mut lines)).await.unwrap();
    // With the seed, by which it can be done again.
    eprintln!("{report}");
    assert!(report.is_complete(), "{report}");
    // Eight threads of two and one group, each seen by two.
    assert_eq!((report.histories, report.checks.runs), (18, 3));
}

#[tokio::test]
async fn what_clients_show_as_sent_is_stored_and_heard_of_once() {
    let plan = Writing { clients: 6, kills: 3, seed: u64::from(std::process::id()), wait: 60 };
    let binary = Path::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    let schema = Schema::new();
    let mut gateway = gateway(binary, &plan, schema.as_ref());
    let mut lines = Vec::new();
    let report = write_by_engines(&mut gateway, &plan, &mut Progress::new(&mut lines)).await.unwrap();
    // With the seed, by which it can be done again.
    eprintln!("{report}");
    assert!(report.is_complete(), "{report}");
    // The clients know how to come back, and have time for it.
    assert_eq!((report.sent, report.failed, report.ended), (report.taken, 0, 0), "{report}");
    assert_eq!(report.checks.runs, 3);
}

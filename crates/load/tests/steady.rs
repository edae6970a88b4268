//! Each scenario at a steady rate with a few clients, against a real gateway in this process.

#![cfg(test)]

mod in_process;

use std::{path::Path, process::Command, time::Duration};

use in_process::InProcess;
use kandy_load::{Failure, Idling, Load, Progress, Report, calls, idle, messages, presence, signins};

fn load(clients: u32, rate: u32) -> Load {
    Load { clients, rate, seconds: 1, search: false, bound_ms: 5_000, seed: 1, wait: 30, login_rate: 0, keep: false }
}

fn gateway(load: &Load) -> InProcess {
    InProcess::new(load.accounts())
}

/// How often each was measured, and how often it came to nothing.
fn counts(report: &Report) -> Vec<(&'static str, usize, usize)> {
    let measures = report.trials.iter().flat_map(|trial| &trial.tally.measures);
    measures.map(|(name, spread)| (*name, spread.count(), spread.failed)).collect()
}

#[tokio::test]
async fn everybody_who_is_due_signs_in_and_out() {
    let (load, mut lines) = (load(20, 20), Vec::new());
    let report = signins(&mut gateway(&load), &load, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(counts(&report), [("sign in", 20, 0), ("sign out", 20, 0)], "{report}");
}

#[tokio::test]
async fn all_calls_ring_are_up_on_both_sides_and_end() {
    // Some pairs call twice, once from either side.
    let (load, mut lines) = (load(20, 15), Vec::new());
    let talk = Duration::from_millis(10);
    let mut gateway = gateway(&load);
    let report = calls(&mut gateway, &load, talk, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    let all = [("make to ringing", 15, 0), ("make to both up", 15, 0), ("end to other end", 15, 0)];
    assert_eq!(counts(&report), all, "{report}");
    let p50 = |at: usize| report.trials[0].tally.measures[at].1.percentile(50).unwrap();
    assert!(p50(0) <= p50(1), "it rings before it is up: {report}");
}

#[tokio::test]
async fn more_calls_than_clients_can_have_are_refused() {
    let (load, mut lines) = (load(2, 10), Vec::new());
    let talk = Duration::from_secs(2);
    let refused = calls(&mut gateway(&load), &load, talk, &mut Progress::new(&mut lines)).await.unwrap_err();
    assert!(matches!(refused, Failure::TooFew(10, 0)), "{refused}");
}

#[tokio::test]
async fn all_messages_are_taken_and_told_in_either_direction() {
    let (load, mut lines) = (load(10, 100), Vec::new());
    let report = messages(&mut gateway(&load), &load, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(counts(&report), [("send to taken", 100, 0), ("send to told", 100, 0)], "{report}");
}

#[tokio::test]
async fn all_watchers_are_told_of_all_changes() {
    let (load, mut lines) = (load(10, 20), Vec::new());
    let report = presence(&mut gateway(&load), &load, 3, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(counts(&report), [("publish to taken", 20, 0), ("publish to told", 60, 0)], "{report}");
}

#[tokio::test]
async fn a_search_ends_with_a_rate_that_works() {
    // So many pairs have at most two calls per second each, without a talk: four pairs have eight.
    let (mut load, mut lines) = (load(8, 4), Vec::new());
    load.search = true;
    let report = calls(&mut gateway(&load), &load, Duration::ZERO, &mut Progress::new(&mut lines)).await.unwrap();
    let rates: Vec<u32> = report.trials.iter().map(|trial| trial.rate).collect();
    assert_eq!((report.best, rates), (Some(8), vec![4, 8]), "{report}");
    assert!(report.is_complete() && report.to_string().contains("8/s keep a p99 of 5000 ms; more need"), "{report}");
}

#[tokio::test]
async fn who_may_not_log_in_ends_the_run() {
    let others = Load { seed: 2, ..load(4, 4) };
    let mut lines = Vec::new();
    let refused = messages(&mut gateway(&others), &load(4, 4), &mut Progress::new(&mut lines)).await.unwrap_err();
    assert!(matches!(refused, Failure::Login(_)), "{refused}");
}

#[tokio::test]
async fn idle_clients_of_several_rounds_stay_and_their_workers_end() {
    let plan = Idling { clients: vec![4, 6], seconds: 1, login_rate: 0, seed: 1, wait: 30 };
    let (mut gateway, mut lines) = (InProcess::new(plan.accounts()), Vec::new());
    let tool = Path::new(env!("CARGO_BIN_EXE_kandy-load"));
    let report = idle(&mut gateway, &plan, tool, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    let rounds: Vec<_> = report.rounds.iter().map(|round| (round.clients, round.workers, round.told.sockets)).collect();
    assert_eq!(rounds, [(4, 1, 4), (6, 1, 6)], "{report}");
    assert_eq!(gateway.starts.len(), 2, "each round has a gateway of its own");
}

#[test]
fn a_worker_that_nobody_asks_ends() {
    // Its standard input is at its end at once; there is no gateway either.
    let arguments = "worker --first 0 --count 2 --all 2 --port 1 --login-rate 0 --seed 1 --patience 600";
    let output = Command::new(env!("CARGO_BIN_EXE_kandy-load")).args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

//! A small fleet against a real gateway, which lives in this process but on a runtime of its own: shutting that down is to
//! the clients what SIGKILL is.

#![cfg(test)]

mod in_process;

use std::{process::Command, time::Duration};

use in_process::InProcess;
use kandy_load::{Course, Failure, Plan, Progress, Step, reconnect, register};

const CLIENTS: u32 = 20;

fn plan() -> Plan {
    Plan { clients: CLIENTS, rate: 0, seed: 1, wait: 30, expires: 3_600, ping_interval: 1_000, reconnect_delay: 200 }
}

fn count(course: &Course, step: Step) -> (usize, usize) {
    course.steps.get(&step).map_or((0, 0), |spread| (spread.count(), spread.failed))
}

#[tokio::test]
async fn all_log_in_by_both_flavours_stay_and_log_out() {
    let (mut gateway, mut lines) = (InProcess::new(plan().accounts()), Vec::new());
    let hold = Duration::from_millis(1_500);
    let report = register(&mut gateway, &plan(), hold, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    let (all, half) = ((20, 0), (10, 0));
    let rows = [
        (&report.login, Step::Token, half),
        (&report.login, Step::Subscribe, all),
        (&report.login, Step::Socket, all),
        (&report.logout, Step::Unsubscribe, all),
        (&report.logout, Step::Revoke, half),
    ];
    for (course, step, wanted) in rows {
        assert_eq!(count(course, step), wanted, "{step:?}\n{report}");
    }
    // The first check goes with the opening of the socket, the second one a second later.
    assert!(count(&report.hold, Step::Check).0 >= 20, "{report}");
    assert_eq!((report.login.requests, report.login.sockets), (30, 20));
    assert!(report.login.times.percentile(50) <= report.login.times.percentile(100));
    assert!(String::from_utf8(lines).unwrap().contains("holding: 20 connected"));
}

#[tokio::test]
async fn a_steady_rate_takes_its_time() {
    let plan = Plan { clients: 4, rate: 10, ..plan() };
    let (mut gateway, mut lines) = (InProcess::new(plan.accounts()), Vec::new());
    let report = register(&mut gateway, &plan, Duration::ZERO, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert!(report.login.took >= Duration::from_millis(300), "the fourth begins after the third tenth: {report}");
}

#[tokio::test]
async fn who_may_not_log_in_is_counted_and_told() {
    let others = Plan { seed: 2, ..plan() };
    let (mut gateway, mut lines) = (InProcess::new(others.accounts()), Vec::new());
    let failure = reconnect(&mut gateway, &plan(), Duration::ZERO, &mut Progress::new(&mut lines)).await.unwrap_err();
    let sentence = failure.to_string();
    assert!(matches!(failure, Failure::Login(_)) && sentence.contains("0 of 20; 20 ended (10 × auth"), "{sentence}");
    assert_eq!(gateway.starts.len(), 1, "nothing to come back to");
}

#[tokio::test]
async fn all_are_back_after_a_restart_that_forgot_them() {
    let (mut gateway, mut lines) = (InProcess::new(plan().accounts()), Vec::new());
    let report = reconnect(&mut gateway, &plan(), Duration::ZERO, &mut Progress::new(&mut lines)).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!((report.login.reached, report.comeback.reached, report.comeback.ended), (20, 20, 0), "{report}");
    assert_eq!(count(&report.comeback, Step::Subscribe).0, 20, "each has a new subscription: {report}");
    assert_eq!(gateway.starts.len(), 2, "{:?}", gateway.starts);
    assert_eq!(gateway.starts[0], gateway.starts[1], "the same port");
}

#[test]
fn a_gateway_that_is_none_ends_the_command_with_one_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_kandy-load"))
        .args(["reconnect", "--clients", "1", "--gateway-binary", "true"])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("kandy-load: true ended, or did not say"), "{error}");
}

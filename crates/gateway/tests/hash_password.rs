//! The command `kandy-gateway hash-password`, and the settings about signing in.

#![cfg(test)]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use kandy_gateway::PasswordHash;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KANDY_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the command says to a text.
fn hashed(text: &[u8]) -> Output {
    let mut child = command().arg("hash-password").spawn().unwrap();
    // A text that is too long is not read to its end.
    drop(child.stdin.take().unwrap().write_all(text));
    child.wait_with_output().unwrap()
}

#[test]
fn a_password_becomes_a_hash_that_the_accounts_file_takes() {
    for text in ["correct horse", "correct horse\n", "correct horse\r\n", &"x".repeat(1_024)] {
        let output = hashed(text.as_bytes());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{text:?}");
        assert!(printed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && printed.ends_with('\n'), "{printed}");
        assert!(PasswordHash::new(printed.trim()).is_some(), "{printed}");
    }
}

#[test]
fn what_is_no_password_is_refused() {
    for text in ["", "\n", "two\nlines\n", "\rx", &"x".repeat(1_025)] {
        let output = hashed(text.as_bytes());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{text:?}");
        assert!(said.contains("one line of 1 to 1024 bytes") && said.lines().count() == 1, "{said}");
    }
    assert!(!hashed(&[0xff]).status.success());
}

#[test]
fn settings_about_signing_in_are_checked() {
    let rows = [
        (["--user-tries", "0"], "--user-tries takes 1 to 1000"),
        (["--address-tries", "100001"], "--address-tries takes 1 to 100000"),
        (["--audit-days", "3651"], "--audit-days takes 1 to 3650"),
        (["--trusted-proxies", "10.0.0.1,proxy"], "--trusted-proxies takes addresses"),
    ];
    for (flags, wanted) in rows {
        let output = command().arg("--dev").args(flags).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(wanted) && said.lines().count() == 1, "{flags:?}: {said}");
    }
    let output = command().arg("--dev").env("KANDY_USER_TRIES", "0").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("--user-tries"), "from the environment as well");
}

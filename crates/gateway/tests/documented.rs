//! docs/hosting.md knows every setting.

#![cfg(test)]

use clap::CommandFactory;
use kandy_gateway::config::{Flags, SECRETS};

const HOSTING: &str = include_str!("../../../docs/hosting.md");

#[test]
fn every_setting_has_a_row() {
    let table = HOSTING.split("\n## ").find(|part| part.starts_with("Settings\n")).unwrap();
    let command = Flags::command();
    let own = ["help", "version"];
    let flags = command.get_arguments().filter(|flag| !own.contains(&flag.get_id().as_str()));
    let mut count = 0;
    for flag in flags {
        let (name, long) = (flag.get_id().as_str(), flag.get_long().unwrap());
        assert!(table.contains(&format!("`--{long}`")), "--{long} is missing");
        // The file cannot name the file.
        assert!(name == "config" || table.contains(&format!("`{name}`")), "{name} is missing");
        count += 1;
    }
    for name in SECRETS {
        assert!(table.contains(&format!("| | `{}` |", name.strip_prefix("KANDY_").unwrap().to_lowercase())), "{name}");
    }
    // And no row is of something else.
    let named = table.lines().filter(|line| line.starts_with("| `--")).flat_map(|line| line.split('|').nth(1));
    assert_eq!(named.flat_map(|cell| cell.matches("`--")).count(), count);
}

//! Who is there with `--dev`.

use kandy_switch::{Account, Accounts};

/// User, given name, family name and telephone number, which is one of those for fiction.
pub(super) const DEMO: [(&str, &str, &str, &str); 4] = [
    ("alice@example.com", "Alice", "Archer", "+12025550101"),
    ("bob@example.com", "Bob", "Baker", "+12025550102"),
    ("carol@example.com", "Carol", "Carter", "+12025550103"),
    ("dave@example.com", "Dave", "Dean", "+12025550104"),
];
pub(super) const DEMO_PASSWORD: &str = "demo";

pub(super) fn demo_accounts() -> Accounts {
    let account = |(user, first, last, phone): (&str, &str, &str, &str)| Account {
        user: user.into(),
        password: Some(DEMO_PASSWORD.into()),
        display_name: Some(format!("{first} {last}")),
        authname: None,
        first_name: Some(first.into()),
        last_name: Some(last.into()),
        email: Some(user.into()),
        phone: Some(phone.into()),
    };
    // The list is right, as a test shows; were it not, nobody could log in.
    Accounts::new(DEMO.map(account).into()).unwrap_or_default()
}

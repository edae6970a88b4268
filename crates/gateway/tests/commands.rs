//! The commands beside serving: `backup` and `check`.

#![cfg(test)]

mod place;

use std::process::{Command, Output};

use kandy_gateway::{Config, DatabaseUrl, OpenDatabase, open};
use place::{Folder, execute};

/// A database with its tables; it is in use until this is dropped.
async fn database(folder: &Folder) -> OpenDatabase {
    let database = folder.postgres().map(|url| DatabaseUrl::new(url).unwrap());
    open(&Config { data: Some(folder.0.clone()), database, ..Config::default() }).await.unwrap()
}

fn run(folder: &Folder, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KANDY_")) {
        command.env_remove(name);
    }
    command.envs(folder.postgres().map(|url| ("KANDY_DATABASE", url)));
    let Output { status, stdout, stderr } = command.current_dir(&folder.0).args(args).output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// Two users, a group, a file of three bytes, an account of the provisioning API: all as it must be.
const SOUND: &str = "
INSERT INTO threads (id, members, is_group) VALUES (1, 'a@x' || chr(10) || 'b@x', 0);
INSERT INTO members (thread, \"user\", number, last, unread) VALUES (1, 'a@x', 1, 2, 0), (1, 'b@x', 2, 2, 2);
INSERT INTO messages (id, thread, sender, at, text) VALUES (1, 1, 'a@x', 1, 'one'), (2, 1, 'a@x', 2, 'two');
INSERT INTO undelivered (\"user\", message) VALUES ('b@x', 2);
INSERT INTO contents (id, hash, size) VALUES
    (1, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 3);
INSERT INTO chunks (content, start, bytes) VALUES (1, 0, BYTES'6162'), (1, 2, BYTES'63');
INSERT INTO contents (id, size) VALUES (2, 0);
INSERT INTO files (handle, owner, name, mime, size, hash, at, sent) VALUES
    ('secret', 'a@x', '', '', 3, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 1, 1);
INSERT INTO attachments (message, place, file) VALUES (1, 0, 'secret');
INSERT INTO contacts (\"user\", id, entry) VALUES ('a@x', '1', '{}');
";

/// The statements in the words of the database.
fn words(folder: &Folder, sql: &str) -> String {
    match folder.postgres() {
        Some(_) => sql.replace("BYTES'", "'\\x"),
        None => sql.replace("BYTES'", "x'").replace("chr(10)", "char(10)"),
    }
}

#[tokio::test]
async fn faults_are_found_beside_a_gateway_and_after_it() {
    let folder = Folder::new("check");
    let check = || run(&folder, &["check", "--data", "."]);
    if folder.postgres().is_none() {
        assert_eq!(check(), (Some(1), "kandy-gateway: there is no database in .\n".to_owned()));
        let nowhere = run(&folder, &["check"]);
        assert!(nowhere.0 == Some(1) && nowhere.1.contains("name the data folder with --data"), "{}", nowhere.1);
    } else {
        assert!(check().1.contains("the tables are not those of this version"));
    }
    let in_use = database(&folder).await;
    assert_eq!(check(), (Some(0), "no faults\n".to_owned()));
    execute(&folder.database(), words(&folder, SOUND)).unwrap();
    assert_eq!(check(), (Some(0), "no faults\n".to_owned()), "what is still arriving is none");
    drop(in_use);

    // Each of them would be turned back by what follows it.
    let rows = [
        (
            "UPDATE members SET unread = 1 WHERE number = 2",
            "counted wrongly: 1 b@x",
            "UPDATE members SET unread = 2 WHERE number = 2",
        ),
        (
            "UPDATE members SET last = 1 WHERE number = 2",
            "newest message is another one: 1 b@x",
            "UPDATE members SET last = 2",
        ),
        (
            "UPDATE members SET number = 3 WHERE number = 2",
            "not those of its name: 1",
            "UPDATE members SET number = 2 WHERE number = 3",
        ),
        ("UPDATE threads SET is_group = 1", "not those of its name: 1", "UPDATE threads SET is_group = 0"),
        ("UPDATE threads SET erased_until = 1", "erased further", "UPDATE threads SET erased_until = 0"),
        (
            "UPDATE messages SET sender = 'c@x' WHERE id = 1",
            "the sender of a message is not in its thread: 1",
            "UPDATE messages SET sender = 'a@x'",
        ),
        (
            "UPDATE undelivered SET \"user\" = 'c@x'",
            "waits for somebody who is not in its thread: 2",
            "UPDATE undelivered SET \"user\" = 'b@x'",
        ),
        (
            "INSERT INTO deleted (\"user\", message) VALUES ('c@x', 1)",
            "deleted by somebody who is not in its thread: 1",
            "DELETE FROM deleted",
        ),
        (
            "UPDATE chunks SET bytes = BYTES'64' WHERE start = 2",
            "contents are not what their hash says: ba78",
            "UPDATE chunks SET bytes = BYTES'63' WHERE start = 2",
        ),
        (
            "UPDATE chunks SET start = 1 WHERE start = 2",
            "contents are not what their hash says: ba78",
            "UPDATE chunks SET start = 2 WHERE start = 1",
        ),
        ("UPDATE files SET size = 4", "not there, or of another size: ba78", "UPDATE files SET size = 3"),
        ("UPDATE files SET sent = 0", "a message has a file that is not there: 1", "UPDATE files SET sent = 1"),
        (
            "UPDATE files SET hash = 'none'",
            "no file has these contents: ba78",
            "UPDATE files SET hash = (SELECT hash FROM contents WHERE id = 1)",
        ),
        ("UPDATE books SET bytes = 3", "an address book is counted wrongly: a@x", "UPDATE books SET bytes = 2"),
        ("DELETE FROM books", "an address book is not counted: a@x", "INSERT INTO books VALUES ('a@x', 1, 2)"),
    ];
    for (fault, wanted, back) in rows {
        execute(&folder.database(), words(&folder, fault)).unwrap();
        let (code, said) = check();
        assert!(code == Some(1) && said.contains(wanted) && !said.contains("secret"), "{fault}: {said}");
        execute(&folder.database(), words(&folder, back)).unwrap();
        assert_eq!(check(), (Some(0), "no faults\n".to_owned()), "{back}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_a_database_of_its_own() {
    use std::{fs, os::unix::fs::MetadataExt};

    let folder = Folder::new("backup");
    let in_use = database(&folder).await;
    execute(&folder.database(), words(&folder, SOUND)).unwrap();
    let backup = || run(&folder, &["backup", "copy", "--data", "."]);
    if folder.postgres().is_some() {
        let (code, said) = backup();
        assert!(code == Some(1) && said.contains("pg_dump"), "{said}");
        return;
    }
    assert_eq!(backup(), (Some(0), String::new()));
    drop(in_use);
    let copy = folder.0.join("copy");
    assert_eq!(fs::metadata(&copy).unwrap().mode() & 0o777, 0o600);
    assert_eq!(backup(), (Some(1), "kandy-gateway: copy is there already\n".to_owned()));
    assert!(!folder.0.join("copy.part").exists());
    let (code, said) = run(&folder, &["backup", "none/copy", "--data", "."]);
    assert!(code == Some(1) && said.contains("none/copy.part cannot be written"), "{said}");

    fs::create_dir(folder.0.join("other")).unwrap();
    fs::rename(&copy, folder.0.join("other/kandy.sqlite")).unwrap();
    assert_eq!(run(&folder, &["check", "--data", "other"]), (Some(0), "no faults\n".to_owned()));
    // A gateway goes on from there, and has what was in it.
    drop(open(&Config { data: Some(folder.0.join("other")), ..Config::default() }).await.unwrap());
    let url = format!("sqlite://{}/other/kandy.sqlite", folder.0.display());
    execute(&url, "UPDATE members SET unread = 3 WHERE number = 2".to_owned()).unwrap();
    assert!(run(&folder, &["check", "--data", "other"]).1.contains("counted wrongly: 1 b@x"));
    let gone = "PRAGMA foreign_keys = OFF; DELETE FROM messages WHERE id = 1".to_owned();
    execute(&url, gone).unwrap();
    let said = run(&folder, &["check", "--data", "other"]).1;
    assert_eq!(said, "a row of attachments belongs to none of messages\n");
    // A page that was written over, of the schema or of a table.
    let file = folder.0.join("other/kandy.sqlite");
    let sound = fs::read(&file).unwrap();
    for at in [sound.len() / 2 / 4096 * 4096, sound.len() - 4096] {
        let mut bytes = sound.clone();
        bytes[at..at + 4096].fill(0x55);
        fs::write(&file, bytes).unwrap();
        let (code, said) = run(&folder, &["check", "--data", "other"]);
        assert!(code == Some(1) && said.starts_with("the file is damaged: "), "{at}: {said}");
    }
}

//! The command itself: its settings, what it prints, how it ends.

#![cfg(test)]

mod place;

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use place::Folder;
use tokio_tungstenite::tungstenite::connect;

fn write(folder: &Folder, name: &str, text: &str) -> PathBuf {
    let file = folder.0.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn command(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-gateway"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KANDY_")) {
        command.env_remove(name);
    }
    command.envs(folder.postgres().map(|url| ("KANDY_DATABASE", url)));
    command.current_dir(&folder.0).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running command; it does not outlive its test.
struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the end, which must be a good one; returns what was logged.
    fn ended(mut self) -> String {
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.0.wait().unwrap().success());
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts the command, which listens; returns it with the lines that it prints for a person.
fn started(command: &mut Command) -> (Running, Vec<String>) {
    let mut child = Running(command.spawn().unwrap());
    let lines = BufReader::new(child.0.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let mut printed = Vec::new();
    for line in lines {
        let last = line.contains("Ctrl-C");
        printed.push(line);
        if last {
            return (child, printed);
        }
    }
    let mut error = String::new();
    child.0.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    panic!("it did not start: {error}");
}

fn address(printed: &[String]) -> String {
    printed[0].rsplit(' ').next().unwrap().to_owned()
}

fn refused(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(1), 0));
    String::from_utf8(stderr).unwrap()
}

/// The answer to a request of alice.
fn request(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: basic YWxpY2VAZXhhbXBsZS5jb206ZGVtbw==\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Of signed tokens, and of the operator.
const KEY: &str = "12345678901234567890";
/// Shared with relays.
const RELAY_SECRET: &str = "shared-with-the-relays";

const ACCOUNTS: &str = r#"[{"user":"eve@example.com","password":"eve-password"}]"#;

#[test]
fn dev_tells_address_and_accounts_and_signals_end_it_in_order() {
    let folder = Folder::new("dev");
    for name in ["-INT", "-TERM"] {
        let (child, printed) = started(command(&folder).args(["--dev", "--listen", "127.0.0.1:0"]));
        let text = printed.join("\n");
        for part in [&format!("http://{}/", address(&printed)), "alice@example.com", "dave@example.com", "demo"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
        child.signal(name);
        child.ended();
    }
}

#[test]
fn flags_go_before_environment_before_file() {
    let folder = Folder::new("precedence");
    let accounts = write(&folder, "some/accounts.json", ACCOUNTS);
    let file = write(
        &folder,
        "gateway.toml",
        &format!("listen = \"127.0.0.1:1\"\nlog = \"nonsense=nonsense\"\naccounts = {accounts:?}\n"),
    );
    let mut both = command(&folder);
    both.arg("--config").arg(&file).env("KANDY_LISTEN", "127.0.0.1:2").env("KANDY_LOG", "off");
    let (child, printed) = started(both.args(["--listen", "127.0.0.1:0"]));
    assert!(printed.join("\n").contains("Accounts    1"), "the file's accounts: {printed:?}");
    child.signal("-TERM");
    child.ended();
    let error = refused(command(&folder).arg("--config").arg(&file).env("KANDY_LISTEN", "127.0.0.1:0"));
    assert!(error.contains("--log nonsense=nonsense"), "the file's log level: {error}");
}

#[test]
fn origins_are_a_list_in_the_file_and_a_text_elsewhere() {
    let folder = Folder::new("origins");
    let file = write(&folder, "gateway.toml", "allowed_origins = [\"https://a.example\", \"https://b.example\"]\n");
    let mut listed = command(&folder);
    listed.arg("--config").arg(&file);
    let mut named = command(&folder);
    named.env("KANDY_ALLOWED_ORIGINS", "https://a.example, https://b.example");
    for mut command in [listed, named] {
        let (child, printed) = started(command.args(["--dev", "--listen", "127.0.0.1:0"]));
        for (origin, allowed) in [("https://b.example", true), ("https://c.example", false)] {
            let head = format!("GET / HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\nconnection: close\r\n\r\n");
            let mut stream = std::net::TcpStream::connect(address(&printed)).unwrap();
            std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert_eq!(answer.contains(&format!("access-control-allow-origin: {origin}\r\n")), allowed, "{answer}");
        }
        child.signal("-TERM");
        child.ended();
    }
}

#[cfg(unix)]
#[test]
fn a_hangup_makes_it_read_the_certificate() {
    let folder = Folder::new("certificate");
    let put = |names: &str| {
        let made = rcgen::generate_simple_self_signed([names.to_owned()]).unwrap();
        write(&folder, "chain.pem", &made.cert.pem());
        write(&folder, "key.pem", &made.signing_key.serialize_pem());
    };
    put("a.example");
    let (mut child, printed) = started(command(&folder).args([
        "--dev",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        "chain.pem",
        "--tls-key",
        "key.pem",
    ]));
    assert!(printed.join("\n").contains(&format!("https://{}/", address(&printed))), "{printed:?}");
    let mut log = BufReader::new(child.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    put("b.example");
    child.signal("-HUP");
    assert!(log.any(|line| line.contains("there is a new certificate")));
    write(&folder, "key.pem", "nonsense");
    child.signal("-HUP");
    let told = log.find(|line| line.contains("the certificate stays what it was")).unwrap();
    assert!(told.contains("ERROR") && told.contains("key.pem holds no private key"), "{told}");
    child.signal("-TERM");
    assert_eq!(log.filter(|line| line.contains("ERROR")).count(), 0);
    assert!(child.0.wait().unwrap().success());
}

#[test]
fn data_is_made_and_its_accounts_are_used() {
    let folder = Folder::new("data");
    let mut dev = command(&folder);
    dev.args(["--data", "new/data", "--listen", "127.0.0.1:0"]).env("KANDY_DEV", "1");
    let (child, printed) = started(&mut dev);
    assert!(folder.0.join("new/data").is_dir());
    assert!(printed.join("\n").contains("alice@example.com"));
    child.signal("-TERM");
    child.ended();
    write(&folder, "new/data/accounts.json", ACCOUNTS);
    let (child, printed) = started(command(&folder).args(["--data", "new/data", "--listen", "127.0.0.1:0"]));
    assert!(printed.join("\n").contains("Accounts    1"), "{printed:?}");
    child.signal("-TERM");
    child.ended();
}

#[test]
fn a_gateway_goes_on_where_the_one_before_was_ended() {
    let folder = Folder::new("restart");
    let start = || started(command(&folder).args(["--dev", "--data", "data", "--listen", "127.0.0.1:0"]));
    let (child, printed) = start();
    let subscribed =
        request(&address(&printed), "POST", "/rest/version/1/user/alice@example.com/subscription", SUBSCRIBE);
    let path = subscribed.split('"').find(|part| part.contains("/subscription/")).unwrap();
    child.signal("-TERM");
    child.ended();
    #[cfg(unix)]
    if folder.postgres().is_none() {
        let file = std::fs::metadata(folder.0.join("data/kandy.sqlite")).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&file) & 0o777, 0o600, "it holds secrets");
    }
    let (child, printed) = start();
    let extended = request(&address(&printed), "PUT", path, SUBSCRIBE);
    assert!(extended.starts_with("HTTP/1.1 200"), "{extended}");
    child.signal("-KILL");
    drop(child);
    let (child, printed) = start();
    let unknown = request(&address(&printed), "PUT", path, SUBSCRIBE);
    assert!(unknown.starts_with("HTTP/1.1 404"), "it counts once: {unknown}");
    child.signal("-TERM");
    child.ended();
    let database =
        folder.postgres().map_or(format!("sqlite://{}/data/kandy.sqlite", folder.0.display()), str::to_owned);
    place::execute(&database, "UPDATE state SET text = 'nonsense'".to_owned()).unwrap();
    let (child, printed) = start();
    let unknown = request(&address(&printed), "PUT", path, SUBSCRIBE);
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    child.signal("-TERM");
    assert!(child.ended().contains("begins anew"));
}

#[test]
fn messages_outlive_a_gateway_that_is_killed() {
    let folder = Folder::new("killed");
    let start = || started(command(&folder).args(["--dev", "--data", "data", "--listen", "127.0.0.1:0"]));
    let sent = |address: &str, text: &str| {
        let path = format!("/v2.0/rm/send?to=alice&txt={text}&clientMessageId=id-{text}");
        let answer = request(address, "GET", &path, "");
        let id = answer.split(r#""id":""#).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
        id.unwrap_or_else(|| panic!("{answer}"))
    };
    let (child, printed) = start();
    let first = sent(&address(&printed), "one");
    child.signal("-KILL");
    drop(child);
    let (child, printed) = start();
    assert_eq!(sent(&address(&printed), "one"), first, "the same again");
    sent(&address(&printed), "two");
    let history = request(&address(&printed), "GET", "/v2.0/rm/thread/alice@example.com", "");
    let texts: Vec<&str> = history.split(r#""txt":""#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(texts, ["one", "two"]);
    child.signal("-TERM");
    child.ended();
}

#[test]
fn what_is_known_of_people_outlives_a_gateway_that_is_killed() {
    const USER: &str = "/rest/version/1/user/alice@example.com";
    let folder = Folder::new("known");
    let start = || {
        let mut command = command(&folder);
        command.env("KANDY_OPERATOR_KEY", KEY).args(["--dev", "--data", "data", "--listen", "127.0.0.1:0"]);
        let (child, printed) = started(&mut command);
        (child, address(&printed))
    };
    let ask = |address: &str, method: &str, resource: &str, body: &str| {
        let answer = request(address, method, &format!("{USER}/{resource}"), body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {resource}: {answer}");
        answer
    };
    let (child, address) = start();
    ask(&address, "POST", "subscription", SUBSCRIBE);
    ask(&address, "POST", "presence", r#"{"presenceRequest":{"status":"open","activity":"lunch","note":"back at 2"}}"#);
    ask(
        &address,
        "POST",
        "addressbook/contacts/",
        r#"{"addressBookRequest":{"addressBookEntries":[{"nickname":"a/b"}]}}"#,
    );
    ask(&address, "POST", "callControl", &START.replace("alice", "bob"));
    let mut records = ask(&address, "GET", "logHistory", "");
    assert!(records.contains(r#""direction":"outgoing""#), "{records}");
    let mailbox = operator(&address, r#"{"voice":{"newMessages":7}}"#);
    assert!(mailbox.starts_with("HTTP/1.1 200"), "{mailbox}");
    child.signal("-KILL");
    drop(child);

    let (child, address) = start();
    let after = ask(&address, "GET", "logHistory", "");
    let body = |answer: &str| answer.split("\r\n\r\n").nth(1).unwrap().to_owned();
    records = body(&records);
    assert_eq!(body(&after), records);
    assert!(ask(&address, "GET", "addressbook/contacts/a/b", "").contains(r#""nickname":"a/b""#));
    assert!(ask(&address, "GET", "voicemail", "").contains(r#""totalVoice":"7""#));
    let answer = ask(&address, "POST", "subscription", SUBSCRIBE);
    let channel = answer.split('"').find(|part| part.contains("/websocket/")).unwrap();
    let (mut socket, _) = connect(format!("ws://{address}{channel}")).unwrap();
    let watch = r#"{"presenceWatcherRequest":{"userList":["alice"],"action":"get"}}"#;
    ask(&address, "POST", "presenceWatcher", watch);
    let told = socket.read().unwrap().to_string();
    for part in [r#""name":"alice""#, r#""status":"open""#, r#""activity":"lunch""#, r#""note":"back at 2""#] {
        assert!(told.contains(part), "{told}");
    }
    child.signal("-KILL");
}

/// The answer to what the operator says of alice's mailbox.
fn operator(address: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!(
        "PUT /operator/v1/users/alice@example.com/voicemail HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn an_operator_needs_no_file_of_accounts() {
    let folder = Folder::new("operator");
    let (child, printed) = started(command(&folder).args(["--listen", "127.0.0.1:0"]).env("KANDY_OPERATOR_KEY", KEY));
    assert!(printed.iter().any(|line| line.trim() == "Accounts    0"), "{printed:?}");
    child.signal("-TERM");
    child.ended();
}

#[test]
fn what_cannot_work_is_said_in_one_sentence() {
    let folder = Folder::new("refused");
    write(&folder, "empty.json", "[]");
    write(&folder, "bad.json", "[{}]");
    write(&folder, "typo.toml", "listen = 1");
    write(&folder, "bad.pem", "nonsense");
    write(&folder, "accounts.json", ACCOUNTS);
    let rows: [(&[&str], &str); 21] = [
        (&[], "nobody could log in"),
        (&["--accounts", "empty.json"], "nobody could log in"),
        (&["--accounts", "missing.json"], "the accounts in missing.json cannot be read"),
        (&["--accounts", "bad.json"], "bad.json: the accounts are not the expected JSON"),
        (&["--dev", "--listen", "0.0.0.0:0"], "loopback"),
        (&["--dev", "--resume", "86401"], "--resume takes 0 to 86400 seconds, not 86401"),
        (&["--dev", "--drain", "3601"], "--drain takes 0 to 3600 seconds, not 3601"),
        (&["--dev", "--turn-ttl", "3599"], "--turn-ttl takes 3600 to 2592000 seconds, not 3599"),
        (&["--dev", "--turn-ttl", "2592001"], "--turn-ttl takes 3600 to 2592000 seconds, not 2592001"),
        (&["--dev", "--push-webhook", "ftp://user:secret@example.com/"], "must begin with http:// or https://"),
        (&["--dev", "--config", "missing.toml"], "missing.toml does not exist"),
        (&["--dev", "--config", "typo.toml"], "listen"),
        (&["--dev", "--listen", "192.0.2.1:1", "--accounts", "bad.json"], "bad.json"),
        (
            &["--accounts", "accounts.json", "--listen", "0.0.0.0:0"],
            "--insecure-http if a proxy in front of it speaks TLS",
        ),
        (&["--accounts", "accounts.json", "--listen", "[::]:0"], "--tls-cert and --tls-key"),
        (&["--dev", "--insecure-http", "--listen", "0.0.0.0:0"], "loopback"),
        (&["--dev", "--tls-cert", "bad.pem"], "belong together"),
        (&["--dev", "--tls-cert", "bad.pem", "--tls-key", "bad.pem"], "bad.pem holds no certificates"),
        (&["--dev", "--tls-cert", "missing.pem", "--tls-key", "bad.pem"], "missing.pem cannot be read"),
        (&["--dev", "--allowed-origins", "https://a.example,b.example"], "\"b.example\" is no origin"),
        (&["--dev", "--connections", "0"], "--connections takes 1 or more"),
    ];
    for (flags, wanted) in rows {
        let error = refused(command(&folder).args(flags));
        assert!(error.contains(wanted), "{flags:?}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{flags:?}: {error}");
    }
    write(&folder, "key.toml", "hmac_key = 12345678901234567890.5");
    for (file, key, wanted) in [(true, None, "as a text"), (false, Some("1234567890123456789"), "too short")] {
        let mut command = command(&folder);
        command.arg("--dev").args(file.then_some(["--config", "key.toml"]).into_iter().flatten());
        let error = refused(command.envs(key.map(|key| ("KANDY_HMAC_KEY", key))));
        assert!(error.contains(wanted) && !error.contains("12345"), "{error}");
    }
    for (name, whose) in [("KANDY_OPERATOR_KEY", "operator's"), ("KANDY_TURN_SECRET", "TURN")] {
        let error = refused(command(&folder).arg("--dev").env(name, "1234567890123456789"));
        assert!(error.contains(&format!("the {whose} key is too short")) && !error.contains("12345"), "{error}");
    }
    for (url, wanted) in [
        ("mysql://name:secret-in-url@127.0.0.1/name", "must be a PostgreSQL address"),
        ("postgres://name@127.0.0.1/name?pasword=secret-in-url", "must be a PostgreSQL address"),
        // Nobody listens there.
        ("postgres://name:secret-in-url@127.0.0.1:9/name", "the database: "),
    ] {
        let mut command = command(&folder);
        let error = refused(command.args(["--dev", "--listen", "127.0.0.1:0"]).env("KANDY_DATABASE", url));
        assert!(error.contains(wanted) && !error.contains("secret"), "{error}");
    }
    let help = command(&folder).arg("--help").env("KANDY_HMAC_KEY", "12345678901234567890").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let names = ["KANDY_HMAC_KEY", "KANDY_OPERATOR_KEY", "KANDY_TURN_SECRET"];
    assert!(names.iter().all(|name| help.contains(name)) && !help.contains("12345"), "{help}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let error = refused(command(&folder).args(["--dev", "--listen", &taken]));
    assert!(error.contains("cannot be listened on"), "{error}");
}

#[test]
fn no_secret_reaches_the_log() {
    let folder = Folder::new("log");
    let mut command_line = command(&folder);
    command_line.env("KANDY_OPERATOR_KEY", KEY).env("KANDY_TURN_SECRET", RELAY_SECRET);
    command_line.args(["--dev", "--listen", "127.0.0.1:0", "--log", "trace"]).env("KANDY_HMAC_KEY", KEY);
    // A server that trusts us does not ask for it.
    command_line.envs(folder.postgres().map(|url| ("KANDY_DATABASE", format!("{url}&password=secret-in-database"))));
    // Nobody listens there.
    command_line.env("KANDY_PUSH_WEBHOOK", "http://name:secret-in-webhook@127.0.0.1:9/?secret-in-webhook");
    let (child, printed) = started(&mut command_line);
    let address = address(&printed);
    let mut answers = String::new();
    for (method, path, body) in [
        ("GET", "/v2.0/auth/mk_token", ""),
        ("POST", "/rest/version/1/user/alice@example.com/subscription?token=secret-in-query", SUBSCRIBE),
        ("POST", "/rest/version/1/user/alice@example.com/subscription", SUBSCRIBE),
        ("POST", "/rest/version/1/user/alice@example.com/push/apple/devices/", DEVICE),
        ("POST", "/rest/version/1/user/alice@example.com/callControl", START),
    ] {
        answers.push_str(&request(&address, method, path, body));
    }
    for (method, path, body) in [
        ("GET", "/v2.0/rm/send?to=alice&txt=secret-in-text&clientMessageId=secret-in-id", ""),
        ("GET", "/v2.0/rm/send?to=secret-in-address&txt=x", ""),
        ("POST", "/v2.0/rm/upload", UPLOAD),
        ("GET", "/v2.0/rm/file/secret-in-handle", ""),
    ] {
        answers.push_str(&request(&address, method, path, body));
    }
    for (method, path, body) in [
        (
            "POST",
            "addressbook/contacts/",
            r#"{"addressBookRequest":{"addressBookEntries":[{"nickname":"secret-in-contact"}]}}"#,
        ),
        ("GET", "addressbook/contacts/secret-in-contact", ""),
        ("GET", "directory?criteria=secret-in-search", ""),
        ("POST", "presence", r#"{"presenceRequest":{"status":"open","activity":"other","note":"secret-in-note"}}"#),
    ] {
        let path = format!("/rest/version/1/user/alice@example.com/{path}");
        answers.push_str(&request(&address, method, &path, body));
    }
    answers.push_str(&operator(&address, r#"{"voice":{"newMessages":7}}"#));
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 13, "{answers}");
    assert_eq!(answers.matches(r#"{"success":"#).count(), 3, "{answers}");
    child.signal("-TERM");
    let log = child.ended();
    assert!(log.contains("mk_token") && log.contains("callControl") && log.contains("a push failed"), "{log}");
    let secrets = answers.split('"').filter(|part| part.len() >= 32 && !part.contains(' '));
    let relays = answers.split(r#""password":""#).skip(1).map(|rest| rest.split('"').next().unwrap());
    assert!(relays.clone().all(|password| password.len() == 28) && relays.clone().count() == 2, "{answers}");
    let secrets: Vec<&str> = secrets.chain(relays).map(|part| part.rsplit('/').next().unwrap()).collect();
    assert!(secrets.len() >= 5, "{secrets:?}");
    for secret in secrets.into_iter().chain([
        "YWxpY2VAZXhhbXBsZS5jb206ZGVtbw",
        "secret-in-query",
        "secret-in-webhook",
        "secret-in-text",
        "secret-in-id",
        "secret-in-address",
        "secret-in-handle",
        "secret-in-name",
        "secret-in-file",
        "secret-in-contact",
        "secret-in-search",
        "secret-in-note",
        "secret-in-database",
        "device-token",
        "v=0",
        KEY,
        RELAY_SECRET,
    ]) {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

const SUBSCRIBE: &str = r#"{"subscribeRequest":{"expires":3600,"service":["call","Presence"],"localization":"English_US","useTurn":true,"notificationType":"WebSocket"}}"#;
const START: &str = r#"{"callControlRequest":{"type":"callStart","to":"sip:alice@example.com","from":"","sdp":"v=0"}}"#;
const UPLOAD: &str = "--b\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"secret-in-name\"\r\n\r\nsecret-in-file\r\n--b--\r\n";
const DEVICE: &str = r#"{"deviceToken":"device-token","service":["call"]}"#;

//! The form in which a story is written. Blank lines stand between its parts:
//!
//! ```text
//! GET /v2.0/auth/mk_token?expires=3600
//! login: alice@example.com:alice-pw
//!
//! POST /rest/version/1/user/alice@example.com/subscription?token=$access_token
//! {"subscribeRequest":{"expires":3600,"service":["call"]}}
//!
//! OPEN 1 $notificationChannel?token=$access_token
//! SAY 1 {"message_type":"ping"}
//! WAIT 60000
//! ```
//!
//! A request is its line, its headers and its body. The header `login` stands for Basic with that name and password, the header
//! `peer` for the address that the request comes from. Whatever happens otherwise is one line each:
//!
//! | line | what happens |
//! | --- | --- |
//! | `OPEN n path?query` | socket n, a digit, opens |
//! | `SAY n text` | a text frame of its client |
//! | `HEAR n` | another frame of its client |
//! | `SHUT n` | it is gone |
//! | `READY` | what was written to all sockets has left |
//! | `WAIT ms` | time goes by, until the next line |
//! | `RESTART ms` | the gateway is down for so long |
//! | `LOGOUT user` | an operator logs a user out |
//! | `ACCOUNT {…}` | a user comes, or is described in another way; as in the accounts file |
//! | `REMOVE user` | a user goes |

/// Parts of a story; what follows is not played.
const LONGEST: usize = 300;

/// One thing that happens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Request { method: &'a str, target: &'a str, headers: Vec<(&'a str, &'a str)>, body: String },
    Open { socket: u32, target: &'a str },
    Say { socket: u32, text: &'a str },
    Hear { socket: u32 },
    Shut { socket: u32 },
    Ready,
    Wait { ms: u64 },
    Restart { ms: u64 },
    LogOut { user: &'a str },
    Account { json: &'a str },
    Remove { user: &'a str },
}

/// The steps of a story. Any text is one.
pub(crate) fn steps(text: &str) -> impl Iterator<Item = Step<'_>> {
    text.split("\n\n").flat_map(part).take(LONGEST)
}

fn part(part: &str) -> Vec<Step<'_>> {
    let lines: Vec<&str> = part.lines().filter(|line| !line.is_empty()).collect();
    let Some((first, rest)) = lines.split_first() else { return Vec::new() };
    match event(first) {
        Some(_) => lines.iter().filter_map(|line| event(line)).collect(),
        None => vec![request(first, rest)],
    }
}

fn event(line: &str) -> Option<Step<'_>> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (number, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let socket = number.chars().next().and_then(|c| c.to_digit(10)).unwrap_or_default();
    let ms = || rest.trim().parse().unwrap_or(1_000);
    Some(match word {
        "OPEN" => Step::Open { socket, target: more },
        "SAY" => Step::Say { socket, text: more },
        "HEAR" => Step::Hear { socket },
        "SHUT" => Step::Shut { socket },
        "READY" => Step::Ready,
        "WAIT" => Step::Wait { ms: ms() },
        "RESTART" => Step::Restart { ms: ms() },
        "LOGOUT" => Step::LogOut { user: rest },
        "ACCOUNT" => Step::Account { json: rest },
        "REMOVE" => Step::Remove { user: rest },
        _ => return None,
    })
}

fn request<'a>(first: &'a str, rest: &[&'a str]) -> Step<'a> {
    let (method, target) = first.split_once(' ').unwrap_or((first, ""));
    let headers: Vec<(&str, &str)> = rest.iter().map_while(|line| header(line)).collect();
    let body: Vec<&str> = rest.iter().skip(headers.len()).copied().collect();
    Step::Request { method, target, headers, body: body.join("\n") }
}

/// Headers have lower-case names, as a gateway hands them on.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(": ")?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_name.then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read() {
        let text = "PUT /a?b=c\nlogin: x:y\n{\"k\": 1}\nmore: body\n\n\nWAIT 50\nSAY 3 {} x\nREADY\n\nGET";
        let request = |method, target, headers: &[(&'static str, &'static str)], body: &str| Step::Request {
            method,
            target,
            headers: headers.to_vec(),
            body: body.to_owned(),
        };
        let wanted = [
            request("PUT", "/a?b=c", &[("login", "x:y")], "{\"k\": 1}\nmore: body"),
            Step::Wait { ms: 50 },
            Step::Say { socket: 3, text: "{} x" },
            Step::Ready,
            request("GET", "", &[], ""),
        ];
        assert_eq!(steps(text).collect::<Vec<_>>(), wanted);
        assert_eq!(steps("").count(), 0);
    }
}

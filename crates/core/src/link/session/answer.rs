//! An HTTP answer as a value, or as a failure with the server's words.

use kandy_wire::{Read, Value, fault, parse};

use super::super::HttpResult;

/// Any JSON.
pub(super) struct Anything(pub Value);

impl Read for Anything {
    fn read(value: &Value) -> Option<Self> {
        Some(Self(value.clone()))
    }
}

/// Why a request failed, as far as the server said.
pub(super) struct Failure {
    /// The server said no; otherwise it did not answer, could not do what it should, or said what cannot be read.
    pub refused: bool,
    pub status: Option<u16>,
    pub code: Option<i64>,
    pub sentence: String,
}

/// The server says no for now: it waited too long, is asked too early, or too often (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4).
const LATER: [u16; 3] = [408, 425, 429];

/// Reads the body of a successful answer; everything else is a failure with the server's words (protocol §0.7).
pub(super) fn read<T: Read>(result: &HttpResult) -> Result<T, Failure> {
    let response = match result {
        Ok(response) => response,
        Err(failure) => {
            let sentence = format!("{}: {}", failure.name, failure.message);
            return Err(Failure { refused: false, status: None, code: None, sentence });
        }
    };
    if (200..300).contains(&response.status) {
        let text = if response.body.trim().is_empty() { "{}" } else { &response.body };
        let answer = parse(text).ok().and_then(|value| T::read(&value));
        let sentence = "The server's answer is not what the protocol asks for.";
        let status = Some(response.status);
        return answer.ok_or_else(|| Failure { refused: false, status, code: None, sentence: sentence.to_owned() });
    }
    let body = parse(&response.body).unwrap_or_default();
    let code = fault::status_code(&body);
    let sentence = fault::sentence(&body).map_or_else(|| format!("HTTP {}", response.status), str::to_owned);
    let refused = (400..500).contains(&response.status) && !LATER.contains(&response.status);
    Err(Failure { refused, status: Some(response.status), code, sentence })
}

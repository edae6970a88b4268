//! What became of a request, by the rules of protocol §0.7.

use kandy_wire::Value;

use crate::{
    Error,
    input::{Failure, Response},
};

/// The end of one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// The server did it: the body, an empty object if there was none.
    Accepted(Value),
    /// The server did not do it, as far as its status tells.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        body: Value,
    },
    /// Nobody knows: no answer, or one that cannot be read.
    Lost(Failure),
    /// It never left.
    Unsent(Failure),
}

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trouble {
    /// The server's own code.
    pub(crate) code: Option<i64>,
    /// A sentence.
    pub(crate) why: String,
}

impl Trouble {
    /// The error for the application: the server's code stays a number, as in api-behaviour 21.
    pub(crate) fn error(&self, what: &str, otherwise: &str) -> Error {
        let code = self.code.map_or_else(|| Value::from(otherwise), Value::from);
        Error { code, message: [what, " ", &self.why].concat() }
    }

    /// The same with a code of ours whatever the server said.
    pub(crate) fn coded(&self, what: &str, code: &str) -> Error {
        Error::new(code, [what, " ", &self.why].concat())
    }
}

impl From<Result<Response, Failure>> for Outcome {
    fn from(result: Result<Response, Failure>) -> Self {
        match result {
            Err(failure) if failure.name == Failure::NOT_CONNECTED => Self::Unsent(failure),
            Err(failure) => Self::Lost(failure),
            Ok(response) => {
                let good = (200..300).contains(&response.status);
                // Also `application/vdn.kandy.json`, as which a part of a message may come.
                let json = response.content_type.as_deref().is_some_and(|kind| kind.contains("json"));
                match (good, json.then(|| kandy_wire::parse(&response.body))) {
                    (true, _) if response.status == 204 => Self::Accepted(crate::plain::empty()),
                    (true, None) => Self::Accepted(crate::plain::empty()),
                    (true, Some(Ok(body))) => Self::Accepted(body),
                    (true, Some(Err(_))) => {
                        Self::Lost(Failure { name: "SyntaxError".into(), message: "The answer is no JSON.".into() })
                    }
                    (false, Some(Ok(body))) => Self::Refused { status: response.status, body },
                    (false, _) => Self::Refused { status: response.status, body: crate::plain::empty() },
                }
            }
        }
    }
}

impl Outcome {
    /// What stands in the wrapper of a request that the server did; a code other than 0 in it says that it did not.
    pub(crate) fn read(&self, wrapper: &str) -> Result<&Value, Trouble> {
        let inner = self.unchecked(wrapper)?;
        match status_code(inner) {
            None | Some(0) => Ok(inner),
            Some(code) => Err(refusal(code)),
        }
    }

    /// The same for those requests of which no code was ever looked at in an answer with a good status.
    pub(crate) fn unchecked(&self, wrapper: &str) -> Result<&Value, Trouble> {
        match self {
            Self::Accepted(body) => Ok(body.get(wrapper).unwrap_or(&Value::Null)),
            Self::Refused { status, body } => Err(match status_code(body.get(wrapper).unwrap_or(&Value::Null)) {
                Some(code) => refusal(code),
                None => {
                    let said = body.get("message").and_then(Value::as_str).map(|said| [" ", said].concat());
                    let why = ["HTTP ", &status.to_string(), ".", &said.unwrap_or_default()].concat();
                    Trouble { code: None, why }
                }
            }),
            Self::Lost(failure) | Self::Unsent(failure) => {
                Err(Trouble { code: None, why: [&failure.name, ": ", &failure.message].concat() })
            }
        }
    }

    /// What stands in `success` of an answer of the UC service, which tells of errors with any status (protocol §7.3).
    pub(crate) fn success(&self) -> Result<&Value, Trouble> {
        let (body, good) = match self {
            Self::Accepted(body) => (body, true),
            Self::Refused { body, .. } => (body, false),
            _ => (&Value::Null, false),
        };
        match (body.get("error"), body.get("success")) {
            (Some(error), _) if !error.is_null() => {
                let said = error.get("human").and_then(Value::as_str).unwrap_or("The server refused.");
                Err(Trouble { code: error.get("code").and_then(Value::as_i64), why: said.to_owned() })
            }
            (_, Some(success)) if good => Ok(success),
            _ if good => Ok(&Value::Null),
            _ => self.unchecked(""),
        }
    }
}

/// `statusCode`, a number or a text of one.
fn status_code(inner: &Value) -> Option<i64> {
    let code = inner.get("statusCode")?;
    code.as_i64().or_else(|| code.as_str()?.parse().ok())
}

fn refusal(code: i64) -> Trouble {
    Trouble { code: Some(code), why: ["Code: ", &code.to_string(), "."].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, kind: &str, body: &str) -> Outcome {
        Ok(Response { status, content_type: Some(kind.to_owned()), body: body.to_owned() }).into()
    }

    #[test]
    fn answers_are_read_as_the_protocol_says() {
        let json = "application/json;charset=utf-8";
        assert_eq!(outcome(204, json, ""), Outcome::Accepted(crate::plain::empty()));
        assert_eq!(outcome(200, "text/plain", "x"), Outcome::Accepted(crate::plain::empty()));
        assert!(matches!(outcome(200, json, "{"), Outcome::Lost(_)));
        assert!(matches!(outcome(403, "text/html", "<p>"), Outcome::Refused { status: 403, .. }));
        assert!(matches!(outcome(500, json, "{"), Outcome::Refused { status: 500, .. }));
        let inner = outcome(200, json, r#"{"w":{"statusCode":0,"a":1}}"#);
        assert_eq!(inner.read("w").unwrap()["a"], 1);
        assert_eq!(outcome(200, json, r#"{"w":{"statusCode":37}}"#).read("w").unwrap_err().code, Some(37));
        assert_eq!(outcome(404, json, r#"{"w":{"statusCode":"42"}}"#).read("w").unwrap_err().code, Some(42));
        assert_eq!(outcome(404, json, r#"{"message":"no"}"#).read("w").unwrap_err().why, "HTTP 404. no");
        let failure = Failure { name: Failure::NOT_CONNECTED.into(), message: "no".into() };
        assert!(matches!(Outcome::from(Err(failure)), Outcome::Unsent(_)));
    }

    #[test]
    fn the_uc_service_tells_of_errors_with_any_status() {
        let json = "application/json";
        assert_eq!(outcome(200, json, r#"{"success":[1]}"#).success().unwrap()[0], 1);
        let error = r#"{"error":{"code":7,"human":"no"}}"#;
        for status in [200, 404] {
            let trouble = outcome(status, json, error).success().unwrap_err();
            assert_eq!((trouble.code, trouble.why.as_str()), (Some(7), "no"));
        }
        assert!(outcome(500, json, r#"{"success":1}"#).success().is_err());
        assert_eq!(outcome(200, json, "{}").success(), Ok(&Value::Null));
    }
}

//! What this API says when it refuses: one name for each reason (provisioning §6.3).

use axum::http::StatusCode;

use super::words::ErrorBody;
use crate::store::StoreError;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) name: Name,
    /// A sentence for people.
    pub(crate) message: String,
    /// What exactly, in few words; may be empty.
    pub(crate) info: String,
}

/// Why, as programs read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    BadRequest,
    InvalidField,
    UnknownProduct,
    Unauthorized,
    Forbidden,
    NotFound,
    OrderNotFound,
    SubscriberNotFound,
    AccountNotFound,
    ClientNotFound,
    /// With the methods that there are.
    MethodNotAllowed(&'static str),
    InsufficientProducts,
    ProductsInUse,
    SubscriberExists,
    AccountExists,
    OrderSettled,
    IdempotencyConflict,
    QuotaExceeded,
    InternalError,
    ServiceUnavailable,
}

impl Name {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        self.row().0
    }

    /// Its status code (provisioning §6.1).
    pub(crate) fn status(self) -> StatusCode {
        self.row().1
    }

    fn row(self) -> (&'static str, StatusCode) {
        match self {
            Self::BadRequest => ("BadRequest", StatusCode::BAD_REQUEST),
            Self::InvalidField => ("InvalidField", StatusCode::BAD_REQUEST),
            Self::UnknownProduct => ("UnknownProduct", StatusCode::BAD_REQUEST),
            Self::Unauthorized => ("Unauthorized", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("Forbidden", StatusCode::FORBIDDEN),
            Self::NotFound => ("NotFound", StatusCode::NOT_FOUND),
            Self::OrderNotFound => ("OrderNotFound", StatusCode::NOT_FOUND),
            Self::SubscriberNotFound => ("SubscriberNotFound", StatusCode::NOT_FOUND),
            Self::AccountNotFound => ("AccountNotFound", StatusCode::NOT_FOUND),
            Self::ClientNotFound => ("ClientNotFound", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed(_) => ("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::InsufficientProducts => ("InsufficientProducts", StatusCode::PRECONDITION_FAILED),
            Self::ProductsInUse => ("ProductsInUse", StatusCode::PRECONDITION_FAILED),
            Self::SubscriberExists => ("SubscriberExists", StatusCode::PRECONDITION_FAILED),
            Self::AccountExists => ("AccountExists", StatusCode::PRECONDITION_FAILED),
            Self::OrderSettled => ("OrderSettled", StatusCode::PRECONDITION_FAILED),
            Self::IdempotencyConflict => ("IdempotencyConflict", StatusCode::PRECONDITION_FAILED),
            Self::QuotaExceeded => ("QuotaExceeded", StatusCode::TOO_MANY_REQUESTS),
            Self::InternalError => ("InternalError", StatusCode::INTERNAL_SERVER_ERROR),
            Self::ServiceUnavailable => ("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

impl Refusal {
    /// A refusal with a sentence.
    pub(crate) fn new(name: Name, message: impl Into<String>) -> Self {
        Self { name, message: message.into(), info: String::new() }
    }

    /// The same with what exactly is meant.
    pub(crate) fn with(self, info: impl Into<String>) -> Self {
        Self { info: info.into(), ..self }
    }

    /// A member of the body or a parameter that is not what it has to be.
    pub(crate) fn field(name: &str, wanted: &str) -> Self {
        Self::new(Name::InvalidField, format!("{name} must be {wanted}.")).with(name)
    }

    /// The gateway is ending.
    pub(crate) fn ending() -> Self {
        Self::new(Name::ServiceUnavailable, "The gateway is ending; another one takes over.")
    }

    /// The gateway failed; why is for the log alone.
    pub(crate) fn failed() -> Self {
        Self::new(Name::InternalError, "The gateway failed; the operator finds the reason under the transaction id.")
    }

    /// The envelope (provisioning §6.3, the first one).
    pub(crate) fn body(&self, request_id: &str) -> ErrorBody {
        ErrorBody {
            transaction_id: request_id.to_owned(),
            status: self.name.status().as_u16().to_string(),
            name: self.name.word().to_owned(),
            message: self.message.clone(),
            info: self.info.clone(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::failed()
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

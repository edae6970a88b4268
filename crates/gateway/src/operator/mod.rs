//! What only the operator's own systems may ask for.

pub(crate) mod accounts;

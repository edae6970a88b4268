//! Messages.

mod part;

pub use part::Part;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {}

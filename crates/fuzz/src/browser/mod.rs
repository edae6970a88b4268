//! Our client in a browser that does everything right: the engines, and hands without a network. What a server says is up to the
//! caller.
//!
//! | file | holds |
//! | --- | --- |
//! | `page` | the engines and the loop that drives them |
//! | `hands` | what becomes of an effect |
//! | `media` | devices, tracks and peer connections |

mod hands;
mod media;
mod page;

pub(crate) use page::{PASSWORD, Page};

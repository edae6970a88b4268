//! What the provisioning API keeps. Amounts are cents, times milliseconds since the epoch.
//!
//! | module | subject |
//! | --- | --- |
//! | `accounts` | accounts, their clients and tokens, and who reaches whom |
//! | `orders` | orders, and what is in the inventory |
//! | `peaks` | the highest total of each month |
//! | `subscribers` | users that an account made |
//! | `gone` | what a user leaves behind |
//! | `repeats` | first answers to requests that may come again |

pub(crate) mod accounts;
pub(crate) mod gone;
pub(crate) mod orders;
pub(crate) mod peaks;
pub(crate) mod repeats;
pub(crate) mod subscribers;

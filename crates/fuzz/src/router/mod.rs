//! A switch and the little of a gateway that is around it.
//!
//! | file | holds |
//! | --- | --- |
//! | `steps` | the form in which a story is written |
//! | `world` | the switch, its clock and its sockets, and what must hold after every step |
//! | `people` | what a gateway answers by itself |
//! | `wrapper` | how a response must look, by its path |

mod people;
mod steps;
mod world;
mod wrapper;

pub(crate) use steps::{Step, steps};
pub(crate) use world::{UNSEEN, World};

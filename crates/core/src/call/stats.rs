//! Statistics: `call.getStats` (api-behaviour 7.18). The browser's report itself stays with the hands.

use super::{Call, Context, outward};
use crate::{CallId, Error, Event, OpId, TrackId, effect::PeerAction, error::Code, event::StatsEvent, limits};

/// The reports that are being collected. They disturb no operation and no operation disturbs them.
#[derive(Debug, Default)]
pub(super) struct Stats(Vec<(OpId, CallId, Option<TrackId>)>);

impl Stats {
    /// Asks for a report.
    pub(super) fn get(&mut self, call: Option<&Call>, id: CallId, track: Option<TrackId>, cx: &mut Context<'_>) {
        let wrong = match call {
            None => Some(outward::unknown(&id)),
            Some(call) if !call.peer_open => {
                Some(Error::new(Code::CallGeneric, "The call has no media connection (any more)."))
            }
            Some(_) if self.0.len() >= limits::STATS => {
                Some(Error::new(Code::CallGeneric, "Too many statistics are being collected."))
            }
            Some(call) => track
                .as_ref()
                .filter(|track| !call.has_track(track))
                .map(|track| Error::new(Code::CallGeneric, format!("Cannot find sender with trackId: {track}"))),
        };
        match (call, wrong) {
            (Some(call), None) => {
                let op = cx.ids.op();
                cx.out.peer(&call.peer, PeerAction::Stats { op, track: track.clone() });
                self.0.push((op, id, track));
            }
            (_, error) => {
                cx.out.emit(Event::CallStatsReceived(StatsEvent { call_id: id, error, result: None, track_id: track }));
            }
        }
    }

    /// Takes the answer to such a question; anything else is not meant for it.
    pub(super) fn answered(&mut self, op: OpId, failure: Option<&str>, cx: &mut Context<'_>) -> bool {
        let Some(at) = self.0.iter().position(|(asked, ..)| *asked == op) else { return false };
        let (_, call_id, track_id) = self.0.swap_remove(at);
        let error = failure.map(|why| Error::new(Code::CallGeneric, format!("There are no statistics: {why}")));
        let result = error.is_none().then_some(op);
        cx.out.emit(Event::CallStatsReceived(StatsEvent { call_id, error, result, track_id }));
        true
    }
}

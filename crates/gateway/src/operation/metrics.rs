//! `GET /metrics`: everything that is counted and measured, in the text form of Prometheus (OpenMetrics 1.0). `docs/hosting.md` has
//! the table of it, which a test compares.

use std::sync::{Arc, atomic::AtomicI64};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit::Seconds},
};

use super::{
    meters::{Labels, Pushes},
    requests::Requests,
};
use crate::{people::People, provisioning::Provisioning, serve::room::Room};

const FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Gauges = Family<Labels<1>, Gauge>;

/// All metrics. Those that are states are read when somebody asks.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    people: People,
    states: States,
}

#[derive(Clone, Default)]
struct States {
    sockets: Gauge<i64, AtomicI64>,
    subscriptions: Gauge,
    logins: Gauge,
    events: Gauge,
    calls: Gauges,
    queues: Gauges,
}

impl Metrics {
    /// Gives every meter its name.
    pub(crate) fn new(provisioning: &Provisioning, room: &Room, requests: &Requests, pushes: &Pushes) -> Self {
        let people = &provisioning.people;
        let (traffic, store, states) = (people.hub.traffic(), &people.store.times, States::default());
        let mut all = Registry::with_prefix("kandy");

        all.register("connections", "Open connections, sockets included", room.open.clone());
        all.register("connections_refused", "Closed because their address had too many", room.refused.clone());
        all.register("sockets", "Open sockets of clients", states.sockets.clone());
        all.register("sockets_given_up", "Closed because their client did not keep up", traffic.given_up);
        all.register("subscriptions", "Clients that are subscribed", states.subscriptions.clone());
        all.register("event_subscriptions", "Subscriptions to users", states.events.clone());
        all.register("logins", "Logins with tokens", states.logins.clone());
        all.register("calls", "Calls at present", states.calls.clone());
        all.register("call_steps", "What happened to calls", traffic.calls);
        all.register("notifications", "Handed to sockets", traffic.notifications);
        all.register("queue_length", "What waits", states.queues.clone());

        all.register("requests", "Answered requests", requests.answered.clone());
        all.register_with_unit("request", "Time to the answer's headers", Seconds, requests.times.clone());
        all.register("provisioning_calls", "Calls of the provisioning API", requests.provisioning.clone());

        let sign_in = &people.sign_in;
        all.register("sign_ins", "Lines for the audit log on who signed in", sign_in.audit.events.clone());
        all.register("audit_lines_lost", "Lines that were not written", sign_in.audit.lines_lost.clone());
        all.register_with_unit("password_hash", "Hashing and comparing", Seconds, sign_in.hashing());

        all.register_with_unit("store_write_wait", "Waiting for the writer", Seconds, store.write_wait.clone());
        all.register_with_unit("store_write", "Writing, with the commit", Seconds, store.write.clone());
        all.register_with_unit("store_read_wait", "Waiting for a reader", Seconds, store.read_wait.clone());
        all.register_with_unit("store_read", "Reading", Seconds, store.read.clone());
        all.register("facts_lost", "Records of calls or presence that were not stored", traffic.facts_lost);
        all.register("arrivals_lost", "Arrivals of messages that were not noted", traffic.arrivals_lost);

        all.register("pushes", "Pushes to the webhook", pushes.0.clone());
        Self { registry: Arc::new(all), people: people.clone(), states }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let (counts, waiting) = self.people.hub.counts();
        let States { sockets, subscriptions, logins, events, calls, queues } = &self.states;
        let set = |gauge: &Gauge, count: usize| {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        };
        set(sockets, counts.sockets);
        set(subscriptions, counts.subscriptions);
        set(logins, counts.logins);
        set(events, counts.events);
        for (state, count) in [("asking", counts.asking), ("ringing", counts.ringing), ("connected", counts.connected)]
        {
            set(&calls.get_or_create(&[("state", state)]), count);
        }
        let waiting = [
            ("frames", waiting.frames),
            ("facts", waiting.facts),
            ("arrivals", waiting.arrivals),
            ("pushes", waiting.pushes),
            ("audit", self.people.sign_in.audit.waiting()),
        ];
        for (queue, count) in waiting {
            set(&queues.get_or_create(&[("queue", queue)]), count);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// `GET /metrics`
pub(crate) async fn serve(State(metrics): State<Metrics>) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, FORM)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

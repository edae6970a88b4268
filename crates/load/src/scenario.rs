//! What the clients go through, and what was measured on the way.

use std::{fmt, net::SocketAddr, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    Failure, Gateway, Plan, Usage,
    board::{Counts, Status},
    course::{Course, HEAD},
    fleet::Fleet,
    gateway::ANYWHERE,
    progress::Progress,
};

/// What [`register`] measured.
#[derive(Debug)]
pub struct Registration {
    plan: Plan,
    /// From `connect` to `isConnected`.
    pub login: Course,
    /// While all were connected.
    pub hold: Course,
    /// From `disconnect` to the end of it.
    pub logout: Course,
    gateway: Option<Usage>,
    tool: Option<Usage>,
}

/// What [`reconnect`] measured.
#[derive(Debug)]
pub struct Reconnection {
    plan: Plan,
    /// From `connect` to `isConnected`.
    pub login: Course,
    /// From the moment at which the new gateway listens to `isConnected`.
    pub comeback: Course,
    /// Of the gateway that was killed, and of the one that they came back to.
    gateways: [Option<Usage>; 2],
    tool: Option<Usage>,
}

/// All clients log in, stay for a while, and log out.
///
/// # Errors
/// [`Failure`] when the gateway does not start. Clients that did not get where they should are in the figures.
pub async fn register(
    gateway: &mut impl Gateway,
    plan: &Plan,
    hold: Duration,
    progress: &mut Progress<'_>,
) -> Result<Registration, Failure> {
    let (fleet, _) = prepared(gateway, plan, progress).await?;
    let login = login(&fleet, plan, progress).await;
    let began = Instant::now();
    fleet.board.until(|_| false, hold, progress, "holding").await;
    // What counts here are the steps and those that did not stay, not how long they were connected before.
    let hold = Course { took: began.elapsed(), ..fleet.board.course(Status::Connected, began) };
    let began = Instant::now();
    let over = |counts: Counts| counts.out + counts.ended == fleet.len();
    tokio::join!(fleet.disconnect(began), fleet.board.until(over, patience(plan), progress, "logging out"));
    let logout = fleet.board.course(Status::Out, began);
    let (gateway, tool) = (gateway.usage(), Usage::of("self"));
    Ok(Registration { plan: plan.clone(), login, hold, logout, gateway, tool })
}

/// All clients log in, the gateway dies, is gone for `outage`, and a new one that knows nothing of them starts on its port.
///
/// # Errors
/// [`Failure`] when the gateway does not start, not everybody could log in, or somebody did not notice the death. Clients
/// that did not come back are in the figures.
pub async fn reconnect(
    gateway: &mut impl Gateway,
    plan: &Plan,
    outage: Duration,
    progress: &mut Progress<'_>,
) -> Result<Reconnection, Failure> {
    let (fleet, address) = prepared(gateway, plan, progress).await?;
    let login = login(&fleet, plan, progress).await;
    if !login.is_complete() {
        return Err(Failure::Login(login.shortfall()));
    }
    let before = gateway.usage();
    progress.say("the gateway is killed");
    gateway.kill().await?;
    if !fleet.board.until(|counts| counts.connected == 0, patience(plan), progress, "losing").await {
        return Err(Failure::Unnoticed(fleet.board.counts().connected));
    }
    sleep(outage).await;
    gateway.start(address).await?;
    let began = Instant::now();
    fleet.board.want_all(began);
    progress.say("the gateway listens again");
    settled(&fleet, plan, progress, "coming back").await;
    let comeback = fleet.board.course(Status::Connected, began);
    let (gateways, tool) = ([before, gateway.usage()], Usage::of("self"));
    Ok(Reconnection { plan: plan.clone(), login, comeback, gateways, tool })
}

/// A gateway that listens, and clients that do nothing yet.
async fn prepared(
    gateway: &mut impl Gateway,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<(Fleet, SocketAddr), Failure> {
    let address = gateway.start(ANYWHERE).await?;
    progress.say(&format!("the gateway listens on {address}"));
    Ok((Fleet::new(plan, address.port())?, address))
}

async fn login(fleet: &Fleet, plan: &Plan, progress: &mut Progress<'_>) -> Course {
    let began = Instant::now();
    tokio::join!(fleet.connect(began), settled(fleet, plan, progress, "registering"));
    fleet.board.course(Status::Connected, began)
}

/// Waits until every client is connected or has given up, as long as the plan allows.
async fn settled(fleet: &Fleet, plan: &Plan, progress: &mut Progress<'_>, what: &str) {
    let all = |counts: Counts| counts.connected + counts.ended == fleet.len();
    fleet.board.until(all, patience(plan), progress, what).await;
}

/// How long one step may take: the plan's time, behind the last command of a steady rate.
fn patience(plan: &Plan) -> Duration {
    let commands = plan.clients.checked_div(plan.rate).unwrap_or_default();
    Duration::from_secs(plan.wait + u64::from(commands))
}

impl Registration {
    /// Whether every client logged in, stayed, and logged out.
    pub fn is_complete(&self) -> bool {
        [&self.login, &self.hold, &self.logout].iter().all(|course| course.is_complete())
    }
}

impl Reconnection {
    /// Whether every client is back.
    pub fn is_complete(&self) -> bool {
        self.comeback.is_complete()
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        head(&self.plan, f)?;
        writeln!(f, "{HEAD}")?;
        self.login.table("login", f)?;
        self.hold.table_of_steps(&format!("hold, {:.0} s", self.hold.took.as_secs_f64()), f)?;
        self.logout.table("logout", f)?;
        writeln!(f, "gateway       {}", usage(self.gateway))?;
        writeln!(f, "tool          {}", usage(self.tool))
    }
}

impl fmt::Display for Reconnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = self.gateways.map(usage);
        head(&self.plan, f)?;
        writeln!(f, "login         {}", self.login.milestones())?;
        writeln!(f, "  gateway     {before}")?;
        writeln!(f, "return        {}", self.comeback.milestones())?;
        writeln!(f, "  gateway     {after}")?;
        writeln!(f, "tool          {}", usage(self.tool))?;
        writeln!(f, "\n{HEAD}")?;
        self.login.table("login", f)?;
        self.comeback.table("return", f)
    }
}

fn head(plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (uc, seed) = (plan.uc(), plan.seed);
    let (clients, link) = (plan.clients, plan.clients - uc);
    writeln!(f, "{clients} clients ({uc} UC, {link} Link), seed {seed}")
}

fn usage(usage: Option<Usage>) -> String {
    usage.map_or_else(|| "unknown".to_owned(), |usage| usage.to_string())
}

//! The gateway that the clients use: something that can be started, killed, and started again where it was.

use std::{
    env,
    fs::{self, OpenOptions},
    future::Future,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::timeout};

use crate::{Failure, Usage};

/// How long a gateway may take until it listens.
const START: Duration = Duration::from_secs(30);

/// Connections that a gateway takes: for each client one, and a second one while it signs in, and less than the 20,000 files that
/// a process often may have open.
const CONNECTIONS: u32 = 19_000;

/// Where a gateway is started first: the system chooses the port.
pub(crate) const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A gateway that knows the accounts of the plan.
pub trait Gateway {
    /// Starts it on this address; completes with the address when it listens.
    fn start(&mut self, listen: SocketAddr) -> impl Future<Output = Result<SocketAddr, Failure>>;

    /// Ends it at once and without a word to anybody; completes when it is gone.
    fn kill(&mut self) -> impl Future<Output = Result<(), Failure>>;

    /// What it has used since its last start.
    fn usage(&self) -> Option<Usage>;

    /// What its own command says of its database; `None` if it has none to look at.
    fn check(&self) -> impl Future<Output = Result<Option<Vec<String>>, Failure>> {
        async { Ok(None) }
    }
}

/// The command `kandy-gateway` as a child process, with an accounts file of its own. Both are gone when it is dropped.
#[derive(Debug)]
pub struct ChildGateway {
    binary: PathBuf,
    accounts: File,
    running: Option<Running>,
    /// After the process, which may still write there.
    data: Option<Folder>,
    /// The address of its PostgreSQL database.
    database: Option<String>,
}

impl ChildGateway {
    /// A gateway that is not started yet. `accounts` is the text of its accounts file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(binary: &Path, accounts: &str) -> Result<Self, Failure> {
        let accounts = File::new(accounts).map_err(Failure::Accounts)?;
        Ok(Self { binary: binary.into(), accounts, running: None, data: None, database: None })
    }

    /// The same, with a data folder that it finds again at every start, and that is gone when this is dropped.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn keeping(self) -> Result<Self, Failure> {
        // Beside the accounts, under the same name.
        let path = self.accounts.0.with_extension("data");
        fs::create_dir(&path).map_err(Failure::Data)?;
        Ok(Self { data: Some(Folder(path)), ..self })
    }

    /// The same with PostgreSQL, if there is an address; what it stores there stays.
    pub fn storing_in(self, database: Option<String>) -> Self {
        Self { database, ..self }
    }

    fn command(&self, listen: SocketAddr) -> Command {
        let mut command = self.bare();
        command.args(["--log", "warn", "--listen", &listen.to_string(), "--accounts"]).arg(&self.accounts.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// The command with where it stores, and nothing else.
    fn bare(&self) -> Command {
        let mut command = Command::new(&self.binary);
        // Settings of this environment are meant for another gateway.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KANDY_")) {
            command.env_remove(name);
        }
        command.env("KANDY_CONNECTIONS", CONNECTIONS.to_string());
        // Not on the command line, where its password could be seen.
        command.envs(self.database.as_ref().map(|url| ("KANDY_DATABASE", url)));
        if let Some(data) = &self.data {
            command.arg("--data").arg(&data.0);
        }
        command
    }
}

impl Gateway for ChildGateway {
    async fn start(&mut self, listen: SocketAddr) -> Result<SocketAddr, Failure> {
        let binary = || self.binary.clone();
        let mut child = self.command(listen).spawn().map_err(|error| Failure::Binary(binary(), error))?;
        let out = child.stdout.take();
        let mut running = Running { child, out: None };
        // Should it stay silent, its end below ends the reading too.
        let reading = spawn_blocking(move || out.map(BufReader::new).and_then(greeting));
        let heard = timeout(START, reading).await.ok().and_then(Result::ok).flatten();
        let (address, out) = heard.ok_or_else(|| Failure::Silent(binary()))?;
        running.out = Some(out);
        self.running = Some(running);
        Ok(address)
    }

    async fn kill(&mut self) -> Result<(), Failure> {
        // Waited for where it happens: the kernel does that at once.
        self.running.take().map_or(Ok(()), |mut running| running.end()).map_err(Failure::Kill)
    }

    fn usage(&self) -> Option<Usage> {
        Usage::of(&self.running.as_ref()?.child.id().to_string())
    }

    async fn check(&self) -> Result<Option<Vec<String>>, Failure> {
        if self.data.is_none() && self.database.is_none() {
            return Ok(None);
        }
        let mut command = self.bare();
        let output = spawn_blocking(move || command.arg("check").output()).await.map_err(io::Error::other);
        let output = output.flatten().map_err(Failure::Check)?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Ok(Some(if output.status.success() { Vec::new() } else { said.lines().map(str::to_owned).collect() }))
    }
}

/// The address in the line by which a gateway says that it listens, and the rest of what it says.
fn greeting(mut out: BufReader<ChildStdout>) -> Option<(SocketAddr, BufReader<ChildStdout>)> {
    let mut line = String::new();
    out.read_line(&mut line).ok()?;
    let (_, address) = line.trim_end().rsplit_once(" listens on ")?;
    Some((address.parse().ok()?, out))
}

/// A child that does not outlive this.
#[derive(Debug)]
struct Running {
    child: Child,
    /// Kept open, so that the child may write.
    out: Option<BufReader<ChildStdout>>,
}

impl Running {
    fn end(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After an end already seen this does nothing.
        drop(self.end());
    }
}

/// A file that only this user reads, and that is gone when this is dropped.
#[derive(Debug)]
struct File(PathBuf);

impl File {
    fn new(text: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = (0..100).map(|n| env::temp_dir().join(format!("kandy-load-{}-{n}.json", std::process::id())));
        let free = path.into_iter().find_map(|path| match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            opened => Some(opened.map(|file| (Self(path), file))),
        });
        let (kept, mut file) = free.unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))?;
        file.write_all(text.as_bytes())?;
        Ok(kept)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// A folder that is gone when this is dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_gateway_is_told_and_leaves_nothing_behind() {
        let mut missing = ChildGateway::new(Path::new("/no/such/gateway"), "[]").unwrap();
        assert!(matches!(missing.start(ANYWHERE).await, Err(Failure::Binary(..))));
        let mut other = ChildGateway::new(Path::new("true"), "[]").unwrap();
        assert!(matches!(other.start(ANYWHERE).await, Err(Failure::Silent(_))));
        assert!(other.running.is_none() && other.usage().is_none());
        other.kill().await.unwrap();
        let files = [missing.accounts.0.clone(), other.accounts.0.clone()];
        assert!(files[0] != files[1] && files.iter().all(|file| fs::read_to_string(file).unwrap() == "[]"));
        drop((missing, other));
        assert!(files.iter().all(|file| !file.exists()));
    }
}

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aei_core::api::{CommandId, NodeCommand, NodeInfo};
use aei_core::runner::Registry;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::active::Active;
use super::inbox::{INBOX, Told};
use super::job::{Cx, Setup, carry, resume};
use super::state::State;
use super::{AgentBuilder, AgentError, Identity, Shutdown, lease, listen};
use crate::http::{Client, RetryPolicy};

/// A node at work.
///
/// ```no_run
/// # async fn node() -> Result<(), Box<dyn std::error::Error>> {
/// use aei_client::{Agent, Identity, Shutdown, default_state_folder};
///
/// let folder = default_state_folder();
/// let identity = Identity::load(&folder)?;
/// let agent = Agent::builder(identity).state_folder(folder).build()?;
/// agent.run(Shutdown::on_signals()?).await?;
/// # Ok(())
/// # }
/// ```
pub struct Agent {
    client: Client,
    state: State,
    root: PathBuf,
    setup: Arc<Setup>,
    parallel: usize,
}

/// How long a node that is to end goes on delivering when nothing runs any more. The rest stays
/// on disk for the next time.
const LAST_DELIVERY: Duration = Duration::from_secs(20);

impl Agent {
    /// Settings for a node with this identity.
    pub fn builder(identity: Identity) -> AgentBuilder {
        AgentBuilder::new(identity)
    }

    pub(super) fn new(builder: AgentBuilder) -> Result<Self, AgentError> {
        let AgentBuilder { identity, client, state: root, registry, .. } = builder;
        let client = match client {
            Some(client) => client,
            None => Client::new(&identity.server)?,
        };
        // Every loop of the node has patience of its own.
        let client = client.with_token(&identity.token)?.with_retry(RetryPolicy::never());
        let state = State::open(&root, builder.keep, builder.ballast)?;
        let mut labels = aei_runner::node_labels();
        labels.extend(builder.labels);
        let setup = Setup { registry, labels, inputs: builder.inputs, jobs: builder.jobs };
        let parallel = builder.parallel.max(1);
        Ok(Self { client, state, root, setup: Arc::new(setup), parallel })
    }

    /// What the node tells of itself; also for [`Identity::register`].
    pub fn info(&self) -> NodeInfo {
        info(&self.setup)
    }

    /// Runs what the server gives until `shutdown` ends it.
    ///
    /// # Errors
    /// When the server does not know this node any more. What was not delivered stays on disk.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), AgentError> {
        let (outbox, inbox) = mpsc::channel(INBOX);
        let active = Arc::new(Active::default());
        let left = self
            .state
            .left()
            .map_err(|source| AgentError::State { path: self.root.clone(), source })?;
        let listener = tokio::spawn(listen::listen(self.client.clone(), outbox.clone()));
        let keeper = tokio::spawn(lease::keep(
            self.client.clone(),
            info(&self.setup),
            Arc::clone(&active),
            shutdown.clone(),
            outbox.clone(),
        ));
        let cx = Arc::new(Cx {
            client: self.client,
            state: self.state,
            active,
            setup: self.setup,
            slots: Arc::new(Semaphore::new(self.parallel)),
            shutdown: shutdown.clone(),
            outbox,
        });
        let mut node = Node { cx, jobs: JoinSet::new(), inbox, known: true };
        left.into_iter().for_each(|id| node.resume(id));
        node.work(&shutdown).await;
        listener.abort();
        keeper.abort();
        let server = node.cx.client.server();
        node.jobs.shutdown().await;
        if node.known { Ok(()) } else { Err(AgentError::Unauthorised { server, path: self.root }) }
    }
}

fn info(setup: &Setup) -> NodeInfo {
    NodeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        labels: setup.labels.clone(),
        runners: kinds(&setup.registry),
        jobs: u32::try_from(setup.jobs).unwrap_or(u32::MAX),
        policy: Vec::new(),
    }
}

fn kinds(registry: &Registry) -> Vec<String> {
    registry.kinds().map(str::to_owned).collect()
}

/// The loop in which everything that the server says is obeyed, in order.
struct Node {
    cx: Arc<Cx>,
    jobs: JoinSet<()>,
    inbox: mpsc::Receiver<Told>,
    /// The server knows this node.
    known: bool,
}

impl Node {
    async fn work(&mut self, shutdown: &Shutdown) {
        loop {
            tokio::select! {
                Some(told) = self.inbox.recv() => self.obey(told),
                Some(_) = self.jobs.join_next() => {}
                () = shutdown.draining() => break,
            }
            if !self.known {
                shutdown.cancel();
            }
        }
        tracing::info!("takes nothing new and ends when what runs has ended");
        let (mut cancelled, mut killed) = (false, false);
        let mut deadline = None;
        while !self.jobs.is_empty() {
            if !self.cx.active.is_running() && deadline.is_none() {
                deadline = Some(Instant::now() + LAST_DELIVERY);
            }
            let end = deadline.filter(|_| self.known);
            if !self.known && !self.cx.active.is_running() {
                return;
            }
            tokio::select! {
                Some(told) = self.inbox.recv() => self.obey(told),
                _ = self.jobs.join_next() => {}
                () = shutdown.cancelled(), if !cancelled => {
                    cancelled = true;
                    self.cx.active.cancel_all("the node was stopped");
                }
                () = shutdown.killed(), if !killed => {
                    killed = true;
                    self.cx.active.kill_all();
                }
                // Looks anew whether anything runs.
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                tracing::warn!("what is not delivered stays on disk for the next time");
                return;
            }
        }
    }

    fn obey(&mut self, told: Told) {
        match told {
            Told::Command(command) => self.take(*command),
            Told::Cancel(id) => self.cx.active.cancel(id, "the run was cancelled"),
            Told::Gone(id) => {
                self.cx
                    .active
                    .cancel(id, "the server had given it up: it was not heard of in time");
            }
            Told::Unauthorised => {
                tracing::error!("the server does not know this node any more");
                self.known = false;
                self.cx.active.cancel_all("the server does not know this node any more");
            }
        }
    }

    fn take(&mut self, command: NodeCommand) {
        let id = command.id;
        if self.cx.shutdown.is_draining() || self.cx.state.is_done(id) {
            return;
        }
        if let Some(cancel) = self.cx.active.begin(id) {
            self.jobs.spawn(carry(Arc::clone(&self.cx), command, cancel));
        }
    }

    fn resume(&mut self, id: CommandId) {
        if let Some(cancel) = self.cx.active.begin(id) {
            self.jobs.spawn(resume(Arc::clone(&self.cx), id, cancel));
        }
    }
}

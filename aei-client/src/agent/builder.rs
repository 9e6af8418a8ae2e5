use std::collections::BTreeMap;
use std::path::PathBuf;

use aei_core::runner::Registry;
use serde_json::{Map, Value};

use super::agent::Agent;
use super::state::default_state_folder;
use super::{AgentError, Identity};
use crate::http::Client;

/// Makes an [`Agent`].
pub struct AgentBuilder {
    pub(super) identity: Identity,
    pub(super) client: Option<Client>,
    pub(super) state: PathBuf,
    pub(super) registry: Registry,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) inputs: Map<String, Value>,
    pub(super) jobs: usize,
    pub(super) parallel: usize,
    pub(super) keep: usize,
    pub(super) ballast: usize,
}

impl AgentBuilder {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            client: None,
            state: default_state_folder(),
            registry: aei_runner::registry(),
            labels: BTreeMap::new(),
            inputs: Map::new(),
            jobs: 0,
            parallel: 1,
            keep: 5,
            ballast: 8 << 20,
        }
    }

    /// The client to reach the server by, where the usual one will not do. Its token is not
    /// looked at.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// The folder for what must outlive the process; [`default_state_folder`] if not given.
    #[must_use]
    pub fn state_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = folder.into();
        self
    }

    /// The step runners; the built-in ones if not given.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Labels beside `os`, `arch` and `hostname`; they may replace those.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = (String, String)>) -> Self {
        self.labels.extend(labels);
        self
    }

    /// Values of inputs that the node offers to every run.
    #[must_use]
    pub fn inputs(mut self, inputs: Map<String, Value>) -> Self {
        self.inputs = inputs;
        self
    }

    /// How many cases of a command run at a time, when the run does not say. Zero: as many as
    /// there are cores.
    #[must_use]
    pub const fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs;
        self
    }

    /// How many commands run at a time; at least, and usually, one: tests of one machine seldom
    /// bear each other.
    #[must_use]
    pub const fn parallel(mut self, commands: usize) -> Self {
        self.parallel = commands;
        self
    }

    /// How many delivered commands stay on disk to be looked at; 5 if not given.
    #[must_use]
    pub const fn keep(mut self, commands: usize) -> Self {
        self.keep = commands;
        self
    }

    /// How much room is set aside for the day when the disk is full, in bytes; 8 MiB if not
    /// given.
    #[must_use]
    pub const fn ballast(mut self, bytes: usize) -> Self {
        self.ballast = bytes;
        self
    }

    /// The agent, alone in its folder.
    pub fn build(self) -> Result<Agent, AgentError> {
        Agent::new(self)
    }
}

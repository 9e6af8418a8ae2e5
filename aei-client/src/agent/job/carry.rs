use std::sync::Arc;

use aei_core::api::{CommandId, CommandLease, FinishCommand, NodeCommand};
use aei_core::event::Status;
use aei_runner::CancelToken;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::deliver::{Fate, SentSoFar, deliver, uploader};
use super::execute::{Execution, unfit};
use super::files::Files;
use super::folder::{Claim, Folder};
use super::persist::{Stop, persist};
use super::prepare::Setup;
use super::recover::{Left, left};
use super::take::{Unfit, file_name, take};
use crate::agent::Shutdown;
use crate::agent::active::Active;
use crate::agent::inbox::{Outbox, Told};
use crate::agent::state::State;
use crate::http::Client;
use crate::spool::{Delivery, Spool};

/// What all jobs of a node share.
pub(in crate::agent) struct Cx {
    pub(in crate::agent) client: Client,
    pub(in crate::agent) state: State,
    pub(in crate::agent) active: Arc<Active>,
    pub(in crate::agent) setup: Arc<Setup>,
    /// How many commands run at a time.
    pub(in crate::agent) slots: Arc<Semaphore>,
    pub(in crate::agent) shutdown: Shutdown,
    pub(in crate::agent) outbox: Outbox,
}

/// How many artifacts may wait to be sent before they are only found at the end.
const FILES: usize = 256;

/// Carries out a command that has just come.
pub(in crate::agent) async fn carry(cx: Arc<Cx>, command: NodeCommand, cancel: CancelToken) {
    let id = command.id;
    let fate = carry_out(&cx, command, &cancel).await;
    cx.settle(id, fate).await;
}

/// Goes on with a command that a process of before left.
pub(in crate::agent) async fn resume(cx: Arc<Cx>, id: CommandId, cancel: CancelToken) {
    let fate = go_on(&cx, id, &cancel).await;
    cx.settle(id, fate).await;
}

impl Cx {
    fn folder(&self, id: CommandId) -> Folder {
        Folder::new(self.state.command(id))
    }

    async fn settle(&self, id: CommandId, fate: Option<Fate>) {
        match fate {
            Some(Fate::Settled) => {
                self.folder(id).tidy();
                self.state.retire(id);
            }
            Some(Fate::Unauthorised) => {
                let _ = self.outbox.send(Told::Unauthorised).await;
            }
            None => {}
        }
        self.active.end(id);
    }

    /// Waits for a turn. `None` when the node is to end before.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        if self.shutdown.is_draining() {
            return None;
        }
        tokio::select! {
            permit = Arc::clone(&self.slots).acquire_owned() => permit.ok(),
            () = self.shutdown.draining() => None,
        }
    }
}

async fn carry_out(cx: &Arc<Cx>, command: NodeCommand, cancel: &CancelToken) -> Option<Fate> {
    let id = command.id;
    let permit = cx.turn().await?;
    tracing::info!(command = %id, run = %command.run_id, template = %command.template.name, "taken");
    let (lease, template) = match take(cx, &command).await {
        Ok(taken) => taken,
        Err(Stop::Gone) => return Some(Fate::Settled),
        Err(Stop::Unauthorised) => return Some(Fate::Unauthorised),
        Err(Stop::Refused(error)) => {
            tracing::error!(command = %id, %error, "cannot be taken");
            return None;
        }
    };
    let template = match template {
        Ok(_) if cancel.is_cancelled() => {
            let reason = cancel.reason().unwrap_or("it was cancelled").to_owned();
            Err(Unfit { status: Status::Cancelled, reason })
        }
        template => template,
    };
    let template = match template {
        Ok(template) => template,
        Err(why) => return finish_unrun(cx, &command, why).await,
    };
    let folder = cx.folder(id);
    let made = folder.make().and_then(|()| std::fs::write(folder.template(), &template.bytes));
    if let Err(error) = made {
        folder.remove();
        let why = Unfit::errored(format!("there is no room for a run on the node: {error}"));
        return finish_unrun(cx, &command, why).await;
    }
    let file = file_name(&command, template.format);
    let claim = Claim { file, attempt: 1, command };
    run(cx, &folder, claim, lease, cancel, permit).await
}

/// Runs, and delivers at the same time what comes of it.
async fn run(
    cx: &Arc<Cx>,
    folder: &Folder,
    claim: Claim,
    lease: CommandLease,
    cancel: &CancelToken,
    permit: OwnedSemaphorePermit,
) -> Option<Fate> {
    let job = match Job::open(cx, folder, &claim, lease) {
        Ok(job) => job,
        Err(why) => return finish_unrun(cx, &claim.command, why).await,
    };
    let id = claim.command.id;
    cx.active.set_running(id, true);
    let (tell, told) = mpsc::channel(FILES);
    let running = async {
        let execution = job.execution(cx, claim.clone(), cancel, tell);
        let finish = on_a_thread(move || execution.run()).await;
        cx.active.set_running(id, false);
        drop(permit);
        job.finished(finish)
    };
    Some(job.deliver_while(cx, &claim, cancel, (running, told)).await)
}

async fn go_on(cx: &Arc<Cx>, id: CommandId, cancel: &CancelToken) -> Option<Fate> {
    let folder = cx.folder(id);
    let (claim, finish) = match left(&folder) {
        Left::Nothing => {
            folder.remove();
            return None;
        }
        Left::CutOff(claim) => (claim, None),
        Left::Finished(claim, finish) => (claim, Some(finish)),
    };
    cx.active.hold(id);
    // Learns how far the server is. One that counts the command as lost takes its results still.
    let asked = persist("asking for a command of before", || cx.client.acknowledge(id));
    let lease = match asked.await {
        Ok(lease) => Some(lease),
        Err(Stop::Unauthorised) => return Some(Fate::Unauthorised),
        Err(Stop::Gone | Stop::Refused(_)) => None,
    };
    if finish.is_none() && claim.may_run_again() && lease.is_some() && !cancel.is_cancelled() {
        let permit = cx.turn().await?;
        let again = Claim { attempt: claim.attempt + 1, ..claim };
        tracing::warn!(command = %id, attempt = again.attempt, "runs again; it was cut off");
        return run(cx, &folder, again, lease?, cancel, permit).await;
    }
    let none = CommandLease { lease_s: 0, next_seq: 0 };
    let job = match Job::open(cx, &folder, &claim, lease.unwrap_or(none)) {
        Ok(job) => job,
        Err(why) => return finish_unrun(cx, &claim.command, why).await,
    };
    let (tell, told) = mpsc::channel(FILES);
    let ending = async {
        if let Some(finish) = finish {
            drop(tell);
            job.spool.close();
            return finish;
        }
        let execution = job.execution(cx, claim.clone(), cancel, tell);
        let reason = Left::reason(&claim);
        job.finished(on_a_thread(move || execution.conclude(&reason)).await)
    };
    Some(job.deliver_while(cx, &claim, cancel, (ending, told)).await)
}

/// A command whose folder is open.
struct Job<'a> {
    folder: &'a Folder,
    spool: Arc<Spool>,
}

impl<'a> Job<'a> {
    fn open(
        cx: &Cx,
        folder: &'a Folder,
        claim: &Claim,
        lease: CommandLease,
    ) -> Result<Self, Unfit> {
        let run_id = claim.command.run_id;
        let ballast = Arc::clone(&cx.state.ballast);
        let spool = Spool::open(&folder.events(), run_id, ballast)
            .map_err(|error| Unfit::errored(format!("cannot keep events on the node: {error}")))?;
        spool.catch_up(lease.next_seq);
        if let Err(first) = spool.acknowledged(lease.next_seq.max(spool.first())) {
            tracing::debug!(first, "the server may ask for events that are gone");
        }
        Ok(Self { folder, spool: Arc::new(spool) })
    }

    fn execution(
        &self,
        cx: &Cx,
        claim: Claim,
        cancel: &CancelToken,
        files: mpsc::Sender<String>,
    ) -> Execution {
        Execution {
            setup: Arc::clone(&cx.setup),
            folder: self.folder.clone(),
            claim,
            spool: Arc::clone(&self.spool),
            ballast: Arc::clone(&cx.state.ballast),
            cancel: cancel.clone(),
            files,
        }
    }

    /// What a thread that came to no end of its own leaves: a defect of ours, told as such.
    fn finished(&self, finish: Option<FinishCommand>) -> FinishCommand {
        finish.unwrap_or_else(|| {
            self.spool.close();
            FinishCommand {
                status: Status::Errored,
                summary: aei_core::event::Summary::default(),
                events: self.spool.count(),
                reason: Some("the node broke down over it; this is a defect of AEI".to_owned()),
            }
        })
    }

    /// Sends events and artifacts while `ending` is at work and after, then the rest.
    async fn deliver_while(
        &self,
        cx: &Cx,
        claim: &Claim,
        cancel: &CancelToken,
        (ending, told): (impl Future<Output = FinishCommand>, mpsc::Receiver<String>),
    ) -> Fate {
        let id = claim.command.id;
        let uploader = uploader(cx, id, &self.spool);
        let files =
            Files { client: &cx.client, command: id, folder: self.folder, attempt: claim.attempt };
        let upload = async {
            let events = uploader.run().await;
            match &events {
                Delivery::Gone => cancel.cancel_because("the server does not want its results"),
                Delivery::Unauthorised => {
                    let _ = cx.outbox.send(Told::Unauthorised).await;
                }
                Delivery::Done | Delivery::Refused(_) => {}
            }
            events
        };
        let (finish, events, refused) = tokio::join!(ending, upload, files.send(told));
        tracing::info!(command = %id, status = %finish.status, "ended");
        deliver(cx, id, self.folder, &uploader, finish, SentSoFar { events, refused }).await
    }
}

/// Tells the server of a command that was not run. Nothing of it needs to be on disk: a node that
/// starts anew is told of it again.
async fn finish_unrun(cx: &Cx, command: &NodeCommand, why: Unfit) -> Option<Fate> {
    let finish = unfit(command, why);
    let told = persist("ending a command", || cx.client.finish_command(command.id, &finish));
    match told.await {
        Ok(()) | Err(Stop::Gone) => Some(Fate::Settled),
        Err(Stop::Unauthorised) => Some(Fate::Unauthorised),
        Err(Stop::Refused(error)) => {
            tracing::error!(command = %command.id, %error, "the server does not take its end");
            Some(Fate::Settled)
        }
    }
}

/// `None` when it panicked or no thread could be had.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("aei-run".to_owned()).spawn(move || {
        let _ = done.send(work());
    });
    match thread {
        Ok(_) => result.await.ok(),
        Err(error) => {
            tracing::error!(%error, "no thread for a run");
            None
        }
    }
}

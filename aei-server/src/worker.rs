//! The database worker: drains the queue, commits in batches, then answers.
//!
//! Invariant: a receipt is given after the commit, never before. A command that fails is taken
//! back alone; a database that fails takes nothing with it, since the batch waits and is tried
//! again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tracing::{error, warn};
use uuid::Uuid;

use crate::command::apply::{Applying, News, Refusal, apply};
use crate::command::{Envelope, Receipt, Rejection};
use crate::push::Push;
use crate::queue::{CommandSource, Delivery};
use crate::store::{self, Connection, Database, StoreError, applied};

/// The most commands in one transaction.
const MAX_BATCH: usize = 512;
/// How long to wait before a database that failed is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// Applies commands until the queue is closed.
pub struct Worker {
    database: Database,
    push: Push,
}

/// How the commands of a batch ended, in their order.
struct Outcome {
    receipts: Vec<Receipt>,
    news: Vec<News>,
}

/// Why a batch was not committed.
enum Trouble {
    /// A command was rejected or failed: the batch must be applied command by command.
    Command,
    /// The database is in trouble.
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Worker {
    /// A worker on a database, telling its news there.
    pub const fn new(database: Database, push: Push) -> Self {
        Self { database, push }
    }

    /// Works until the queue is closed.
    pub async fn run(self, mut source: impl CommandSource) {
        loop {
            let batch = source.take(MAX_BATCH).await;
            if batch.is_empty() {
                return;
            }
            self.settle(batch).await;
        }
    }

    /// Commits a batch, however long it takes, and answers it.
    async fn settle(&self, batch: Vec<Delivery>) {
        let (envelopes, replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|delivery| (delivery.envelope, delivery.reply)).unzip();
        let outcome = loop {
            match self.commit(&envelopes).await {
                Ok(outcome) => break outcome,
                Err(error) => {
                    warn!(error = %error, commands = envelopes.len(), "the batch waits");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        self.push.tell(outcome.news).await;
        for (reply, receipt) in replies.into_iter().zip(outcome.receipts) {
            reply.settle(receipt).await;
        }
    }

    async fn commit(&self, envelopes: &[Envelope]) -> store::Result<Outcome> {
        let mut db = self.database.connection().await?;
        match transact(&mut db, envelopes, false).await {
            Ok(outcome) => return Ok(outcome),
            Err(Trouble::Command) => {}
            Err(Trouble::Store(error)) => {
                db.discard().await;
                return Err(error);
            }
        }
        if let Err(error) = db.roll_back().await {
            db.discard().await;
            return Err(error);
        }
        match transact(&mut db, envelopes, true).await {
            Ok(outcome) => Ok(outcome),
            Err(trouble) => {
                db.discard().await;
                match trouble {
                    Trouble::Store(error) => Err(error),
                    Trouble::Command => unreachable!("careful batches answer every command"),
                }
            }
        }
    }
}

/// Applies a batch in one transaction. Most batches have no bad command in them, so the first try
/// goes without savepoints; the careful second one takes a bad command back alone.
async fn transact(
    db: &mut Connection,
    envelopes: &[Envelope],
    careful: bool,
) -> Result<Outcome, Trouble> {
    db.begin().await?;
    let ids: Vec<Uuid> = envelopes.iter().map(|envelope| envelope.id).collect();
    let before: HashMap<Uuid, applied::AppliedRow> =
        applied::find(db, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut news = Vec::new();
    let mut receipts: Vec<Receipt> = Vec::with_capacity(envelopes.len());
    let mut fresh: HashMap<Uuid, usize> = HashMap::new();
    for (place, envelope) in envelopes.iter().enumerate() {
        let receipt = if let Some(row) = before.get(&envelope.id) {
            row.receipt(envelope.user).unwrap_or_else(another_command)
        } else if let Some(&first) = fresh.get(&envelope.id) {
            let same = envelopes[first].user == envelope.user;
            if same { receipts[first].clone() } else { another_command() }
        } else {
            fresh.insert(envelope.id, place);
            one(db, envelope, &mut news, careful).await?
        };
        receipts.push(receipt);
    }
    let mut done: Vec<(&Envelope, &Receipt)> =
        fresh.values().map(|&place| (&envelopes[place], &receipts[place])).collect();
    // Only what changed something is remembered: what was rejected may be tried again.
    done.retain(|(_, receipt)| matches!(receipt, Receipt::Committed(_)));
    let at = envelopes.iter().map(|envelope| envelope.at).max().unwrap_or(0);
    applied::insert(db, &done, at).await?;
    db.commit().await?;
    Ok(Outcome { receipts, news: without_repeats(news) })
}

/// Applies one command; a careful one is taken back alone when it fails.
async fn one(
    db: &mut Connection,
    envelope: &Envelope,
    news: &mut Vec<News>,
    careful: bool,
) -> Result<Receipt, Trouble> {
    if careful {
        db.savepoint().await?;
    }
    let told = news.len();
    let mut cx = Applying { db: &mut *db, envelope, news: &mut *news };
    let refusal = match apply(&mut cx).await {
        Ok(value) => {
            if careful {
                db.release().await?;
            }
            return Ok(Receipt::Committed(value));
        }
        Err(refusal) => refusal,
    };
    let rejection = match refusal {
        Refusal::Store(error) if !error.is_of_statement() => return Err(error.into()),
        Refusal::Rejected(rejection) => rejection,
        Refusal::Store(error) => {
            if careful {
                error!(error = %error, command = %envelope.id, "a command failed");
            }
            Rejection::new(500, "internal", "the server could not do this")
        }
    };
    if !careful {
        return Err(Trouble::Command);
    }
    db.roll_back_to_savepoint().await?;
    news.truncate(told);
    Ok(Receipt::Rejected(rejection))
}

fn another_command() -> Receipt {
    Receipt::Rejected(
        Rejection::conflict("idempotency-key-used", "this `Idempotency-Key` was used before")
            .detail("make a new one for every write that is not a repetition"),
    )
}

/// A page needs to hear once that a run went on, however many batches of events came.
fn without_repeats(news: Vec<News>) -> Vec<News> {
    let mut told = HashSet::new();
    news.into_iter()
        .filter(|news| match news {
            News::User(user, event) => told.insert((*user, *event)),
            _ => true,
        })
        .collect()
}

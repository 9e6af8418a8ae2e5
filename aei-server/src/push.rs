//! Tells streams what was committed: nodes their commands, pages what has changed.
//!
//! Nothing here is the truth: who connects first reads the database and then listens, so a lost
//! word costs time and never a command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aei_core::api::{NodeId, NodeMessage, UserEvent, UserId};
use tokio::sync::{broadcast, mpsc};

use crate::command::apply::News;

/// How many words a slow stream may be behind before it is ended; it then connects anew.
const BACKLOG: usize = 64;

/// The streams of this process.
#[derive(Clone, Default)]
pub struct Push {
    streams: Arc<Streams>,
}

#[derive(Default)]
struct Streams {
    nodes: Mutex<HashMap<NodeId, Vec<mpsc::Sender<Arc<NodeMessage>>>>>,
    users: Mutex<HashMap<UserId, broadcast::Sender<UserEvent>>>,
    /// Counts how often tokens were ended, so that caches know that they are old.
    tokens: std::sync::atomic::AtomicU64,
}

impl Push {
    /// Spreads the word.
    #[expect(clippy::unused_async, reason = "other ways of spreading the word need a network")]
    pub(crate) async fn tell(&self, news: Vec<News>) {
        for news in news {
            self.deliver(news);
        }
    }

    /// Tells a user's pages that a node came, went or changed.
    pub(crate) async fn tell_of_node(&self, user: UserId, node: NodeId) {
        self.tell(vec![News::User(user, UserEvent::Node(node))]).await;
    }

    /// Hands news to the streams of this process.
    pub(crate) fn deliver(&self, news: News) {
        match news {
            News::User(user, event) => {
                let users = lock(&self.streams.users);
                if let Some(pages) = users.get(&user) {
                    // No page is open when nobody takes it.
                    let _ = pages.send(event);
                }
            }
            News::Node(node, message) => self.send(node, &Arc::new(*message)),
            News::NodeGone(node) => {
                lock(&self.streams.nodes).remove(&node);
                self.forget_tokens();
            }
            News::Tokens => self.forget_tokens(),
        }
    }

    fn forget_tokens(&self) {
        self.streams.tokens.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
    }

    /// Changes whenever some token was ended.
    pub(crate) fn token_epoch(&self) -> u64 {
        self.streams.tokens.load(std::sync::atomic::Ordering::Acquire)
    }

    fn send(&self, node: NodeId, message: &Arc<NodeMessage>) {
        let mut nodes = lock(&self.streams.nodes);
        let Some(streams) = nodes.get_mut(&node) else { return };
        streams.retain(|stream| stream.try_send(Arc::clone(message)).is_ok());
        if streams.is_empty() {
            nodes.remove(&node);
        }
    }

    /// A node's messages from now on. It ends when the node is gone or too slow.
    pub(crate) fn listen_as_node(&self, node: NodeId) -> mpsc::Receiver<Arc<NodeMessage>> {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let mut nodes = lock(&self.streams.nodes);
        let streams = nodes.entry(node).or_default();
        streams.retain(|stream| !stream.is_closed());
        streams.push(sender);
        receiver
    }

    /// A user's events from now on.
    pub(crate) fn listen_as_user(&self, user: UserId) -> broadcast::Receiver<UserEvent> {
        let mut users = lock(&self.streams.users);
        users.retain(|_, pages| pages.receiver_count() > 0);
        users.entry(user).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

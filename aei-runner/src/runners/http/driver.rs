use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// A future that has to be polled for another to get on: hyper's side of a connection.
///
/// It runs only within [`run`](Self::run), so a connection needs no task of its own, and nothing
/// is left over when it is dropped. The two wake each other all the time; such a wake makes
/// another round here, and never troubles the runtime.
pub(super) struct Driver<F: Future> {
    /// Dropped as soon as it has ended: only then does hyper's other side learn of it.
    work: Option<Pin<Box<F>>>,
    result: Option<F::Output>,
    bell: Arc<Bell>,
    waker: Waker,
}

#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    polling: AtomicBool,
    outer: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, SeqCst);
        if !self.polling.load(SeqCst) {
            self.outer.wake();
        }
    }
}

impl<F: Future> Driver<F> {
    pub(super) fn new(work: F) -> Self {
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        Self { work: Some(Box::pin(work)), result: None, bell, waker }
    }

    /// Polls the work for as long as `future` needs it.
    pub(super) async fn run<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| self.poll(context, |inner| future.as_mut().poll(inner))).await
    }

    /// Polls the work once, and says how it ended, if it did.
    pub(super) fn ended(&mut self) -> Option<&F::Output> {
        self.step(&mut Context::from_waker(Waker::noop()));
        self.result.as_ref()
    }

    fn step(&mut self, context: &mut Context<'_>) {
        if let Some(work) = &mut self.work
            && let Poll::Ready(result) = work.as_mut().poll(context)
        {
            self.work = None;
            self.result = Some(result);
        }
    }

    fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.outer.register(context.waker());
        self.bell.polling.store(true, SeqCst);
        let waker = self.waker.clone();
        let mut inner = Context::from_waker(&waker);
        let outcome = loop {
            self.bell.rung.store(false, SeqCst);
            self.step(&mut inner);
            let outcome = poll(&mut inner);
            if outcome.is_ready() || !self.bell.rung.load(SeqCst) {
                break outcome;
            }
        };
        self.bell.polling.store(false, SeqCst);
        // A wake from another thread after the last look would be lost otherwise.
        if outcome.is_pending() && self.bell.rung.load(SeqCst) {
            self.bell.outer.wake();
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::{mpsc, oneshot};

    #[tokio::test]
    async fn work_and_future_wake_each_other() {
        let (ask, mut asked) = mpsc::channel::<oneshot::Sender<u32>>(1);
        let mut driver = Driver::new(async move {
            let mut count = 0;
            while let Some(answer) = asked.recv().await {
                tokio::task::yield_now().await;
                count += 1;
                let _ = answer.send(count);
            }
        });
        for expected in 1..=3 {
            let (answer, answered) = oneshot::channel();
            let asking = async {
                ask.send(answer).await.unwrap();
                answered.await.unwrap()
            };
            assert_eq!(driver.run(asking).await, expected);
        }
    }

    #[tokio::test]
    async fn a_wake_from_another_thread_is_not_lost() {
        let mut driver = Driver::new(std::future::pending::<()>());
        for _ in 0..100 {
            let (send, receive) = oneshot::channel();
            let thread = std::thread::spawn(move || send.send(()));
            driver.run(receive).await.unwrap();
            thread.join().unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn work_that_has_ended_lets_go_of_what_it_held() {
        let (held, mut freed) = oneshot::channel::<()>();
        let mut driver = Driver::new(async move {
            let _held = held;
        });
        assert!(driver.ended().is_some());
        assert_eq!(freed.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        driver.run(async {}).await;
    }
}

//! Who is next: one turn at a time, and one of each request after the other.
//!
//! In the order in which they come, a request with hundreds of calls would keep a small one waiting for all of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// Whose turn it is. What requests share belongs to the one that began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u64);

impl RequestId {
    /// One that no other request has.
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Those who wait for their turn.
#[derive(Debug, Default)]
pub(super) struct FairQueue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    is_taken: bool,
    /// The request that is next stands first.
    requests: VecDeque<(RequestId, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The turn; dropped, it is the next one's.
#[derive(Debug)]
pub(super) struct Turn(Arc<FairQueue>);

impl FairQueue {
    pub(super) async fn next(self: &Arc<Self>, of: RequestId) -> Turn {
        match self.wait(of) {
            None => Turn(Arc::clone(self)),
            Some(turn) => turn.await.expect("who waits is kept until it is its turn"),
        }
    }

    /// None where nobody has the turn.
    fn wait(&self, of: RequestId) -> Option<oneshot::Receiver<Turn>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_taken {
            waiting.is_taken = true;
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        match waiting.requests.iter_mut().find(|(request, _)| *request == of) {
            Some((_, calls)) => calls.push_back(sender),
            None => waiting.requests.push_back((of, VecDeque::from([sender]))),
        }
        Some(receiver)
    }

    fn pass(self: &Arc<Self>) {
        while let Some(next) = self.call_next() {
            // Who has left in the meantime is passed over.
            if !next.is_closed() {
                // One that leaves right now drops the turn, which passes it on.
                drop(next.send(Turn(Arc::clone(self))));
                return;
            }
        }
    }

    fn call_next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((request, mut calls)) = waiting.requests.pop_front() else {
            waiting.is_taken = false;
            return None;
        };
        let next = calls.pop_front();
        if !calls.is_empty() {
            waiting.requests.push_back((request, calls));
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.pass();
    }
}

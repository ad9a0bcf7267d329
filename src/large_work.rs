//! Where long computations run: beside the threads that serve requests, and one at a time.
//!
//! The process serves on two threads. Framing and encoding a million points takes a tenth of a second in which a thread
//! does nothing else, so two large answers would stop everybody. A large one therefore hands its thread's other work on
//! to another thread first, and waits until no other large one runs: the operating system then shares the processor
//! between one of them and all small ones.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

/// Values from which on it is worth it: computing with fewer takes some milliseconds.
const LARGE: u64 = 100_000;

static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Does work on so many values.
pub async fn run<T>(values: u64, work: impl FnOnce() -> T) -> T {
    // A runtime of one thread, as in tests, has nobody to hand anything on to.
    let can_hand_on = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if values < LARGE || !can_hand_on {
        return work();
    }
    // Nobody closes the semaphore.
    let _permit = ONE_AT_A_TIME.acquire().await;
    tokio::task::block_in_place(work)
}

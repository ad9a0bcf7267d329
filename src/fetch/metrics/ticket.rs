//! What holds a call alive: those who were given it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::future::{BoxFuture, Shared};

use crate::answers::GetMetricDataAnswer;
use crate::failure::CallError;
use crate::plan::call::GetMetricDataCall;

/// A call that all who were given it drive together.
pub(super) type Call = Shared<BoxFuture<'static, Arc<Outcome>>>;

/// What became of a call.
pub(super) struct Outcome {
    pub call: GetMetricDataCall,
    pub result: Result<GetMetricDataAnswer, CallError>,
    /// By position: what CloudWatch refused although it answered the rest.
    pub refused: BTreeMap<usize, CallError>,
}

/// What a request has been given, in the order of its orders.
#[derive(Default)]
pub(super) struct Ticket(Mutex<Vec<Option<Given>>>);

/// The call that answers an order. Its clones keep the call alive.
#[derive(Clone)]
pub(super) struct Given {
    pub id: u64,
    pub call: Call,
    pub position: usize,
    /// Whether this request is the one for which the series is asked; the others share it.
    pub pays: bool,
    pub billed: bool,
}

/// A request's place in a gathering.
#[derive(Debug)]
pub(super) struct Seat {
    ticket: Weak<Ticket>,
    pub index: usize,
}

impl Ticket {
    /// What was given so far; the ticket holds no call alive after that.
    pub(super) fn take(&self) -> Vec<Option<Given>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One more place, for what is ordered next.
    pub(super) fn add_seat(self: &Arc<Self>) -> Seat {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.push(None);
        Seat { ticket: Arc::downgrade(self), index: given.len() - 1 }
    }
}

impl Seat {
    /// Whether somebody still waits here.
    pub(super) fn is_taken(&self) -> bool {
        self.ticket.strong_count() > 0
    }

    pub(super) fn give(&self, given: Given) {
        let Some(ticket) = self.ticket.upgrade() else { return };
        let mut all = ticket.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.get_mut(self.index) {
            *place = Some(given);
        }
    }
}

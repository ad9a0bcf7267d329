//! What keeps a call alive: the subscriptions that it was delivered to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures::future::{BoxFuture, Shared};

use super::spending::Payer;
use crate::answers::GetMetricDataAnswer;
use crate::failure::CallError;
use crate::plan::call::GetMetricDataCall;

/// A call that all its subscribers drive together.
pub(super) type Call = Shared<BoxFuture<'static, Arc<CallResult>>>;

/// What became of a call.
pub(super) struct CallResult {
    pub call: GetMetricDataCall,
    pub result: Result<GetMetricDataAnswer, CallError>,
    /// By position: what CloudWatch refused although it answered the rest.
    pub refused: BTreeMap<usize, CallError>,
}

/// The calls that answer a request, by slot.
#[derive(Default)]
pub(super) struct Subscription(Mutex<Vec<Option<Delivery>>>);

/// The call that answers a slot. Its clones keep the call alive.
#[derive(Clone)]
pub(super) struct Delivery {
    pub id: u64,
    pub call: Call,
    pub position: usize,
    /// Whether this request is the one for which the series is asked; the others share it.
    pub pays: bool,
    pub billed: bool,
}

/// The place of one series in a subscription, held by the batch window.
#[derive(Debug)]
pub(super) struct Slot {
    subscription: Weak<Subscription>,
    pub index: usize,
    pub payer: Payer,
}

impl Subscription {
    /// What was delivered so far; the subscription keeps no call alive after that.
    pub(super) fn take(&self) -> Vec<Option<Delivery>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One more place.
    pub(super) fn add_slot(self: &Arc<Self>, payer: &Payer) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.push(None);
        Slot { subscription: Arc::downgrade(self), index: slots.len() - 1, payer: payer.clone() }
    }
}

impl Slot {
    /// Whether somebody still waits here.
    pub(super) fn is_waited_for(&self) -> bool {
        self.subscription.strong_count() > 0
    }

    pub(super) fn deliver(&self, delivery: Delivery) {
        let Some(subscription) = self.subscription.upgrade() else { return };
        let mut all = subscription.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.get_mut(self.index) {
            *place = Some(delivery);
        }
    }
}

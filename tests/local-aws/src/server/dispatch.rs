//! The way of one request: who asks, may they, what goes wrong on purpose, the answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{Request, Response};
use serde_json::Value;

use super::counters::{CallLog, CallStart, InFlight, Usage};
use super::error::ServiceError;
use super::faults::{Faults, InjectedFault, Refusal};
use super::get_metric_data::{self, GetMetricDataRequest, token_time};
use super::get_metric_statistics::{self, GetMetricStatisticsRequest};
use super::identity::Caller;
use super::list_metrics::{self, ListMetricsRequest};
use super::logs::{self, LogAnswer, LogReader, Queries, Sessions};
use super::operation::Operation;
use super::options::{Clock, Options};
use super::points::{Indices, Reader, View};
use super::publication::Publication;
use super::request::{self, Call, Protocol};
use super::resource::resources_of;
use super::response;
use super::throttle::Throttle;
use super::{input, kinesis_analytics, sts};
use crate::world::World;

/// What all requests of one server share.
pub struct State {
    world: Arc<dyn World>,
    options: Options,
    clock: Mutex<Clock>,
    faults: Mutex<Faults>,
    throttle: Option<Throttle>,
    indices: Indices,
    /// Answers of GetMetricData by question, where they are remembered.
    remembered: Option<Mutex<HashMap<String, Done>>>,
    requests: AtomicU64,
    queries: Queries,
    sessions: Sessions,
    pub call_log: CallLog,
}

impl State {
    pub fn new(world: Arc<dyn World>, options: Options) -> Self {
        Self {
            world,
            clock: Mutex::new(options.clock),
            faults: Mutex::default(),
            throttle: options.rate_limits.clone().map(Throttle::new),
            indices: Indices::default(),
            remembered: options.remembers_answers.then(Mutex::default),
            requests: AtomicU64::new(0),
            queries: Queries::default(),
            sessions: Sessions::default(),
            call_log: CallLog::default(),
            options,
        }
    }

    pub fn now(&self) -> i64 {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).now()
    }

    pub fn set_clock(&self, clock: Clock) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    pub fn faults(&self) -> Faults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_faults(&self, faults: Faults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    fn publication(&self) -> Publication {
        let usual = self.options.publication;
        Publication { delay: usual.delay + self.faults().publication_delay_minutes * 60, ..usual }
    }

    fn injected_fault(&self, call: &Call) -> InjectedFault {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if !faults.reach(&call.caller.region) {
            return InjectedFault::default();
        }
        let resources = resources_of(call, call.caller.account(&self.options));
        faults.next_call(call.operation.name(), &call.operation.action(), &resources)
    }

    /// The account as which a caller reads. A role of an account that owns nothing is taken for one of the fleet's own.
    fn account_of<'a>(&'a self, caller: &'a Caller, owns: impl FnOnce(&str) -> bool) -> &'a str {
        let account = caller.account(&self.options);
        if owns(account) { account } else { &self.options.account }
    }

    fn log_reader<'a>(&'a self, caller: &'a Caller, fault: &'a InjectedFault) -> LogReader<'a> {
        let now = self.now() - self.publication().delay;
        let groups = self.world.log_groups(&caller.region, now);
        let own = self.account_of(caller, |account| groups.iter().any(|group| &*group.account == account));
        let is_monitoring = own == self.options.account;
        LogReader { world: &*self.world, region: &caller.region, now, own, is_monitoring, fault }
    }

    /// Shaped like AWS's ids, and counted so that a log is easy to follow.
    fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("00000000-0000-4000-8000-{number:012x}")
    }
}

/// Answers every path that is not the control path.
pub async fn answer(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let request_id = state.request_id();
    let (parts, body) = request.into_parts();
    let protocol = request::protocol(&parts.uri, &parts.headers);
    let body = axum::body::to_bytes(body, input::MAX_BODY_BYTES).await;
    let call = body
        .map_err(|error| ServiceError::malformed(error.to_string()))
        .and_then(|body| request::parse(protocol, &parts.uri, &parts.headers, &body));
    let call = match call {
        Ok(call) => call,
        Err(error) => return response::refused(&error, protocol, &request_id),
    };
    let in_flight = state.call_log.open(CallStart {
        operation: call.operation,
        protocol: protocol.name(),
        region: call.caller.region.clone(),
        access_key: call.caller.access_key.clone(),
    });
    let fault = state.injected_fault(&call);
    let latency = state.options.latency_ms + fault.latency_ms;
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    if let Err(error) = admit(&state, &call, &fault) {
        in_flight.close(Some(error.code));
        return response::refused(&error, protocol, &request_id);
    }
    if call.operation == Operation::AssumeRole {
        in_flight.note_text(sts::describe_request(&call.input));
    }
    if call.operation == Operation::StartLiveTail {
        return tail(&state, &call, &fault, &request_id, in_flight);
    }
    let work = Work { state: Arc::clone(&state), call, fault: fault.clone(), protocol, request_id: request_id.clone() };
    match work.finish(&in_flight).await {
        Ok(body) => response::answered(body, protocol, &request_id, &fault, in_flight),
        Err(error) => {
            in_flight.close(Some(error.code));
            response::refused(&error, protocol, &request_id)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "quotas are about real time, whatever the simulated clock says")]
fn admit(state: &State, call: &Call, fault: &InjectedFault) -> Result<(), ServiceError> {
    let (caller, options) = (&call.caller, &state.options);
    let action = call.operation.action();
    match fault.refusal {
        None => {}
        Some(Refusal::Throttled) => return Err(ServiceError::throttled()),
        Some(Refusal::Internal) => return Err(ServiceError::internal()),
        Some(Refusal::Unavailable) => return Err(ServiceError::unavailable()),
        Some(Refusal::Expired) => return Err(ServiceError::expired_credentials()),
        Some(Refusal::Denied) => {
            let resources = resources_of(call, caller.account(options));
            let caller = caller.arn(options);
            return Err(match resources.first() {
                Some(resource) => ServiceError::denied_on(&caller, &action, resource),
                None => ServiceError::denied(&caller, &action),
            });
        }
    }
    caller.check_known(options)?;
    if caller.identity(options).is_some_and(|identity| identity.is_denied(&action)) {
        return Err(ServiceError::denied(&caller.arn(options), &action));
    }
    let now = std::time::Instant::now();
    let is_admitted = state
        .throttle
        .as_ref()
        .is_none_or(|throttle| throttle.admit(&caller.region, caller.account(options), call.operation, now));
    if is_admitted { Ok(()) } else { Err(ServiceError::throttled()) }
}

/// A tail of logs goes on after its answer has begun.
fn tail(state: &State, call: &Call, fault: &InjectedFault, request_id: &str, in_flight: InFlight) -> Response<Body> {
    let reader = state.log_reader(&call.caller, fault);
    let (input, world) = (call.input.clone(), Arc::clone(&state.world));
    match logs::start_live_tail(input, &reader, world, &state.sessions, &state.options, request_id) {
        Ok(begin) => response::streamed(begin(in_flight), Protocol::Json11, request_id),
        Err(error) => {
            in_flight.close(Some(error.code));
            response::refused(&error, Protocol::Json11, request_id)
        }
    }
}

/// A call that may be answered. Reading a world costs CPU, so it happens beside the threads that serve.
struct Work {
    state: Arc<State>,
    call: Call,
    fault: InjectedFault,
    protocol: Protocol,
    request_id: String,
}

/// The encoded answer and what the counters note about it.
#[derive(Clone)]
struct Done {
    body: Vec<u8>,
    range: Option<(i64, i64)>,
    usage: Usage,
}

/// Tells the working thread that nobody waits any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Work {
    async fn finish(self, in_flight: &InFlight) -> Result<Vec<u8>, ServiceError> {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let _guard = CancelOnDrop(Arc::clone(&is_cancelled));
        let done = tokio::task::spawn_blocking(move || self.run(&is_cancelled)).await;
        // The only way not to come back is a panic in the world.
        let done = done.map_err(|_| ServiceError::internal())??;
        if let Some(range) = done.range {
            in_flight.note_range(range);
            in_flight.note_usage(done.usage);
        }
        Ok(done.body)
    }

    fn run(self, is_cancelled: &AtomicBool) -> Result<Done, ServiceError> {
        let caller = self.call.caller.clone();
        let tree = self.call.input.clone();
        let now = self.state.now();
        let applications = || {
            let mut all = self.state.world.applications(&caller.region, now);
            all.retain(|application| self.fault.has(&application.name));
            all
        };
        match self.call.operation {
            Operation::GetMetricData => self.recall_metric_data(&caller, tree, is_cancelled),
            Operation::GetMetricStatistics => {
                let request = GetMetricStatisticsRequest::parse(tree)?;
                let reader = self.reader(&caller, now, is_cancelled);
                let answer = get_metric_statistics::run(&request, &reader);
                Ok(Done { range: Some((request.start, request.end)), ..self.done(&answer) })
            }
            Operation::ListMetrics => {
                let request = ListMetricsRequest::parse(tree)?;
                let reader = self.reader(&caller, now, is_cancelled);
                Ok(self.done(&list_metrics::run(&request, &reader, &self.fault)))
            }
            Operation::ListApplications => self.done_if(kinesis_analytics::list_applications(tree, &applications())),
            Operation::DescribeApplication => {
                let find = |name: &str| {
                    let found = self.state.world.application(&caller.region, name, now);
                    found.filter(|application| self.fault.has(&application.name))
                };
                self.done_if(kinesis_analytics::describe_application(tree, find))
            }
            Operation::ListTagsForResource => self.done_if(kinesis_analytics::list_tags(tree, &applications())),
            Operation::DescribeLogGroups
            | Operation::DescribeLogStreams
            | Operation::FilterLogEvents
            | Operation::GetLogEvents
            | Operation::StartQuery
            | Operation::GetQueryResults
            | Operation::StopQuery
            | Operation::StartLiveTail => self.read_logs(&caller, tree),
            Operation::GetCallerIdentity => Ok(self.done(&sts::get_caller_identity(&caller, &self.state.options))),
            Operation::AssumeRole => self.done_if(sts::assume_role(tree, &caller, &self.state.options, now)),
        }
    }

    fn read_logs(&self, caller: &Caller, tree: Value) -> Result<Done, ServiceError> {
        let state = &self.state;
        let reader = state.log_reader(caller, &self.fault);
        let (queries, options) = (&state.queries, &state.options);
        let answer = match self.call.operation {
            Operation::DescribeLogGroups => return self.done_if(logs::describe_log_groups(tree, &reader)),
            Operation::DescribeLogStreams => return self.done_if(logs::describe_log_streams(tree, &reader)),
            Operation::StartQuery => return self.done_if(logs::start_query(tree, &reader, queries, options)),
            Operation::StopQuery => return self.done_if(logs::stop_query(tree, queries, options)),
            Operation::FilterLogEvents => logs::filter_log_events(tree, &reader)?,
            Operation::GetLogEvents => logs::get_log_events(tree, &reader)?,
            Operation::GetQueryResults => logs::get_query_results(tree, &reader, queries, options)?,
            other @ (Operation::GetMetricData
            | Operation::GetMetricStatistics
            | Operation::ListMetrics
            | Operation::ListApplications
            | Operation::DescribeApplication
            | Operation::ListTagsForResource
            | Operation::StartLiveTail
            | Operation::GetCallerIdentity
            | Operation::AssumeRole) => return Err(ServiceError::unknown_operation(other.name())),
        };
        let LogAnswer { body, range, usage } = answer;
        Ok(Done { range: Some(range), usage, ..self.done(&body) })
    }

    fn recall_metric_data(
        &self,
        caller: &Caller,
        tree: Value,
        is_cancelled: &AtomicBool,
    ) -> Result<Done, ServiceError> {
        let Some(remembered) = self.state.remembered.as_ref().filter(|_| self.fault == InjectedFault::default()) else {
            return self.get_metric_data(caller, tree, is_cancelled);
        };
        let question = format!("{} {} {tree}", self.protocol.name(), caller.region);
        let known = remembered.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        if let Some(done) = known {
            return Ok(done);
        }
        let done = self.get_metric_data(caller, tree, is_cancelled)?;
        remembered.lock().unwrap_or_else(PoisonError::into_inner).insert(question, done.clone());
        Ok(done)
    }

    fn get_metric_data(&self, caller: &Caller, tree: Value, is_cancelled: &AtomicBool) -> Result<Done, ServiceError> {
        let request = GetMetricDataRequest::parse(tree)?;
        let first_page = request.next_token.as_deref().and_then(token_time);
        let now = first_page.unwrap_or_else(|| self.state.now());
        let reader = self.reader(caller, now, is_cancelled);
        let (answer, usage) = get_metric_data::run(&request, &reader, &self.fault)?;
        Ok(Done { range: Some((request.start, request.end)), usage, ..self.done(&answer) })
    }

    fn reader<'a>(&'a self, caller: &'a Caller, now: i64, is_cancelled: &'a AtomicBool) -> Reader<'a> {
        let state = &self.state;
        let world = &*state.world;
        let index = state.indices.of(world, &caller.region, now);
        let own = state.account_of(caller, |account| index.entries.iter().any(|entry| &*entry.account == account));
        let view = View { own: own.to_owned(), is_monitoring: own == state.options.account };
        Reader::new(world, &caller.region, now, (index, view, state.publication()), is_cancelled)
    }

    fn done<A: super::output::Answer>(&self, answer: &A) -> Done {
        Done {
            body: response::encode(answer, self.protocol, self.call.operation, &self.request_id),
            range: None,
            usage: Usage::default(),
        }
    }

    fn done_if(&self, answer: Result<Value, ServiceError>) -> Result<Done, ServiceError> {
        answer.map(|answer| self.done(&answer))
    }
}

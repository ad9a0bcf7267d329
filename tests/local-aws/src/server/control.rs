//! The control path: what tests in other processes see and set.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Json;
use serde_json::{Value, json};

use super::counters::Counters;
use super::dispatch::State;
use super::faults::Faults;

pub async fn health(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(json!({"status": "ok", "now": state.now()}))
}

pub async fn counters(Shared(state): Shared<Arc<State>>) -> Json<Counters> {
    Json(state.call_log.snapshot())
}

pub async fn reset_counters(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.call_log.reset();
    StatusCode::NO_CONTENT
}

pub async fn faults(Shared(state): Shared<Arc<State>>) -> Json<Faults> {
    Json(state.faults())
}

/// An empty body takes all faults away.
pub async fn set_faults(Shared(state): Shared<Arc<State>>, body: Bytes) -> Result<StatusCode, (StatusCode, String)> {
    let faults = if body.is_empty() {
        Faults::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?
    };
    state.set_faults(faults);
    Ok(StatusCode::NO_CONTENT)
}

//! The edge in this process, before a data source that a test scripts.

use std::sync::Arc;

use flinkwatch::plugin::serve::{End, Listener, serve};
use flinkwatch::plugin::{
    DataSource, HealthReply, HealthVerdict, Instance, QueryReply, QueryRequest, ResourceReply, ResourceRequest,
};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

type Script<A, R> = Box<dyn Fn(Instance, A) -> BoxFuture<'static, R> + Send + Sync>;

/// Answers as its scripts say.
pub struct Scripted {
    pub query: Script<QueryRequest, Vec<QueryReply>>,
    pub resource: Script<ResourceRequest, ResourceReply>,
    pub health: Box<dyn Fn(Instance) -> HealthReply + Send + Sync>,
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl Default for Scripted {
    /// Answers every query with no frame, every path with an empty list.
    fn default() -> Self {
        Self {
            query: Box::new(|_, request| {
                let queries = request.queries.into_iter();
                let empty = queries.map(|query| QueryReply::of_frames(query.ref_id, Vec::new()));
                ready(empty.collect()).boxed()
            }),
            resource: Box::new(|_, _| {
                let body = b"[]".to_vec();
                ready(ResourceReply { status: 200, body }).boxed()
            }),
            health: Box::new(|_| HealthReply {
                verdict: HealthVerdict::Ok,
                message: "fine".to_owned(),
                details: Map::from_iter([("checks".to_owned(), Value::from(1))]),
            }),
            metrics: Box::new(|| "up 1\n".to_owned()),
        }
    }
}

impl DataSource for Scripted {
    fn query_data(&self, instance: Instance, request: QueryRequest) -> BoxFuture<'_, Vec<QueryReply>> {
        (self.query)(instance, request)
    }

    fn call_resource(&self, instance: Instance, request: ResourceRequest) -> BoxFuture<'_, ResourceReply> {
        (self.resource)(instance, request)
    }

    fn check_health(&self, instance: Instance) -> BoxFuture<'_, HealthReply> {
        ready((self.health)(instance)).boxed()
    }

    fn metrics_text(&self) -> String {
        (self.metrics)()
    }
}

/// A running edge and a connection to it.
pub struct Served {
    pub channel: Channel,
    pub stop: oneshot::Sender<()>,
    pub ended: JoinHandle<End>,
}

#[expect(clippy::disallowed_methods, reason = "the server runs beside the test that calls it")]
pub async fn start(source: Scripted) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let served = async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        let listener = Listener::Tcp(listener);
        serve(Arc::new(source), listener, stopped).await.unwrap()
    };
    let ended = tokio::spawn(served);
    let channel = Endpoint::from_shared(address).unwrap();
    Served { channel: channel.connect().await.unwrap(), stop, ended }
}

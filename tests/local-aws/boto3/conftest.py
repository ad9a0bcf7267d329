"""Starts the local AWS, and gives the checks clients and a series to ask for."""

import json
import os
import pathlib
import subprocess
import time
import urllib.request

import boto3
import botocore
import botocore.exceptions
import botocore.model
import pytest
from botocore.config import Config

NAMESPACE = "AWS/KinesisAnalytics"
ORDER = "PRIORITY_ORDERED_SUPPORTED_PROTOCOLS"
ROOT = pathlib.Path(__file__).resolve().parents[3]


def binary():
    named = os.environ.get("LOCAL_AWS_BIN")
    if named:
        return named
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    for profile in ("debug", "release"):
        candidate = target / profile / "local-aws"
        if candidate.exists():
            return str(candidate)
    raise pytest.UsageError("build the server first: cargo build -p local-aws")


class Server:
    """A running local AWS and its control path."""

    def __init__(self, *arguments):
        command = [binary(), *arguments, *os.environ.get("LOCAL_AWS_ARGS", "").split()]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        facts = {}
        for line in self.process.stdout:
            word, _, rest = line.strip().partition("  ")
            facts[word] = rest.strip()
            if word == "counters":
                break
        assert "counters" in facts, "the server did not start"
        self.endpoint = facts["endpoint"]
        self.regions = facts["regions"].split()
        self.region = self.regions[0]

    def now(self):
        return self.control("health")["now"]

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_local/{path}", data=data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def counts(self, operation):
        return self.control("counters")["operations"].get(operation, {})

    def faults(self, **faults):
        self.control("faults", faults)

    def client(self, service, key="local", **config):
        settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 20, **config}
        return boto3.session.Session().client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key="local",
            config=Config(**settings),
        )

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0, "SIGTERM ends the server in peace"


def protocols():
    """What this boto3 can speak to CloudWatch: botocore's name, and the server's."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("cloudwatch")
    spoken = model.metadata.get("protocols", [model.metadata["protocol"]])
    names = {"smithy-rpc-v2-cbor": "cbor", "json": "json", "query": "query"}
    return [(protocol, names[protocol]) for protocol in spoken]


@pytest.fixture(scope="session", params=protocols(), ids=lambda protocol: protocol[1])
def server(request):
    """All checks run once with each protocol; left alone, boto3 would take the first it likes."""
    protocol, name = request.param
    with pytest.MonkeyPatch.context() as patch:
        order = getattr(botocore.model, ORDER, ())
        patch.setattr(botocore.model, ORDER, (protocol, *order), raising=False)
        server = Server()
        server.protocol = name
        try:
            yield server
            server.control("counters/reset", {})
            server.client("cloudwatch").list_metrics()
            used = server.counts("ListMetrics")["protocols"]
            print(f"\nboto3 {boto3.__version__} spoke {used}")
            assert list(used) == [name]
        finally:
            server.stop()


@pytest.fixture
def limited_server(server):
    limited = Server("--rate-limits")
    try:
        yield limited
    finally:
        limited.stop()


@pytest.fixture(autouse=True)
def no_faults(server):
    yield
    server.control("faults", {})


@pytest.fixture(scope="session")
def cloudwatch(server):
    return server.client("cloudwatch")


@pytest.fixture(scope="session")
def kinesis(server):
    return server.client("kinesisanalyticsv2")


@pytest.fixture(scope="session")
def metrics(cloudwatch):
    """Every metric of the account."""
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAMESPACE)
    return [metric for page in pages for metric in page["Metrics"]]


@pytest.fixture(scope="session")
def running(cloudwatch, kinesis):
    """The name of a running application with task-level series."""
    for application in kinesis.list_applications()["ApplicationSummaries"]:
        name = application["ApplicationName"]
        found = cloudwatch.list_metrics(
            Namespace=NAMESPACE,
            MetricName="numRecordsOutPerSecond",
            RecentlyActive="PT3H",
            Dimensions=[{"Name": "Application", "Value": name}, {"Name": "Task"}],
        )
        if application["ApplicationStatus"] == "RUNNING" and found["Metrics"]:
            return name
    raise AssertionError("no running application has task-level series")


@pytest.fixture(scope="session")
def task_metric(cloudwatch, running):
    """A throughput series with positive samples, as `{Application, Task}`."""
    found = cloudwatch.list_metrics(
        Namespace=NAMESPACE,
        MetricName="numRecordsOutPerSecond",
        RecentlyActive="PT3H",
        Dimensions=[{"Name": "Application", "Value": running}, {"Name": "Task"}],
    )["Metrics"]
    return next(metric for metric in found if len(metric["Dimensions"]) == 2)


@pytest.fixture
def ask(server, cloudwatch):
    """Asks GetMetricData for queries over the last so many seconds, up to the last full minute."""

    def ask(queries, seconds=3600, end=None, **more):
        end = end or server.now() // 60 * 60
        return cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=end - seconds, EndTime=end, **more
        )

    return ask


def query(id, metric, stat="Sum", period=60, **more):
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **more}


def code(call, *arguments, **named):
    """The code with which a call is refused."""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(*arguments, **named)
    return refused.value.response["Error"]["Code"]

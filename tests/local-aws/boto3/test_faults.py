"""Throttling and everything that can be made to go wrong."""

import time
import urllib.error
import urllib.request

import botocore.exceptions
import pytest
from conftest import code, query


def test_quotas_throttle(limited_server):
    cloudwatch = limited_server.client("cloudwatch")
    codes = []
    for _ in range(60):
        try:
            cloudwatch.list_metrics()
            codes.append(None)
        except botocore.exceptions.ClientError as refused:
            codes.append(refused.response["Error"]["Code"])
            assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert refused.response["Error"]["Message"] == "Rate exceeded"
    assert codes[:25] == [None] * 25
    assert set(codes) <= {None, "Throttling"}
    counts = limited_server.counts("ListMetrics")
    assert counts["throttles"] == codes.count("Throttling")


def test_throttling_in_every_protocol(server, cloudwatch, kinesis):
    server.faults(throttle="always")
    assert code(cloudwatch.list_metrics) == "Throttling"
    assert code(kinesis.list_applications) == "ThrottlingException"
    assert code(server.client("sts").get_caller_identity) == "Throttling"


def test_boto3_retries_what_it_should(server):
    patient = server.client("cloudwatch", retries={"total_max_attempts": 3, "mode": "standard"})
    for fault in ("throttle", "internal_error", "unavailable"):
        server.control("counters/reset", {})
        server.faults(**{fault: {"next": 2}})
        assert "Metrics" in patient.list_metrics()
        assert server.counts("ListMetrics")["calls"] == 3, fault


def test_server_errors(server, cloudwatch, kinesis):
    server.faults(internal_error="always")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        cloudwatch.list_metrics()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    server.faults(unavailable="always")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        kinesis.list_applications()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_denied_and_expired(server, cloudwatch, kinesis):
    server.faults(deny=["cloudwatch:GetMetric*", "kinesisanalytics:DescribeApplication"])
    cloudwatch.list_metrics()
    assert code(kinesis.describe_application, ApplicationName="x") == "AccessDeniedException"
    empty = {"StartTime": 0, "EndTime": 60, "MetricDataQueries": [{"Id": "a", "Expression": "1"}]}
    assert code(cloudwatch.get_metric_data, **empty) == "AccessDenied"
    server.faults(expired_token="always")
    assert code(cloudwatch.list_metrics) == "ExpiredToken"
    assert code(kinesis.list_applications) == "ExpiredTokenException"


def test_faults_strike_only_what_they_name(server, cloudwatch, kinesis):
    server.faults(operations=["ListMetrics"], throttle="always")
    kinesis.list_applications()
    assert code(cloudwatch.list_metrics) == "Throttling"


def test_partial_data(server, ask, task_metric):
    whole = ask([query("a", task_metric)])["MetricDataResults"][0]
    server.faults(partial_data={"next": 1})
    part = ask([query("a", task_metric)])["MetricDataResults"][0]
    assert part["StatusCode"] == "PartialData" and part["Messages"][0]["Code"]
    assert len(part["Values"]) == len(whole["Values"]) // 2
    server.faults(metric_status={task_metric["MetricName"]: "InternalError"})
    failed = ask([query("a", task_metric)])["MetricDataResults"][0]
    assert (failed["StatusCode"], failed["Values"]) == ("InternalError", [])


def test_broken_bodies(server, cloudwatch, kinesis):
    transport = (
        botocore.exceptions.HTTPClientError,
        botocore.exceptions.ConnectionError,
        botocore.exceptions.ResponseStreamingError,
    )
    server.faults(cut_body="always")
    with pytest.raises(transport):
        cloudwatch.list_metrics()
    server.faults(wrong_content_type="always")
    kinesis.list_applications()


def test_latency_slow_bodies_and_cancellation(server, cloudwatch):
    server.faults(latency_ms=300)
    start = time.monotonic()
    cloudwatch.list_metrics()
    assert time.monotonic() - start >= 0.3
    server.faults(slow_body_ms=20)
    start = time.monotonic()
    cloudwatch.list_metrics()
    assert time.monotonic() - start >= 0.3
    server.control("counters/reset", {})
    server.faults(latency_ms=5000)
    hasty = server.client("cloudwatch", read_timeout=0.3)
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        hasty.list_metrics()
    until = time.monotonic() + 5
    while server.counts("ListMetrics")["cancelled"] == 0 and time.monotonic() < until:
        time.sleep(0.02)
    counts = server.counts("ListMetrics")
    assert (counts["cancelled"], counts["in_flight"]) == (1, 0)


def test_requests_must_be_signed(server):
    def status_and_text(**headers):
        request = urllib.request.Request(server.endpoint, data=b"Action=ListMetrics", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        return refused.value.code, refused.value.read().decode()

    status, text = status_and_text()
    assert status == 403 and "MissingAuthenticationToken" in text
    status, text = status_and_text(Authorization="AWS4-HMAC-SHA256 Credential=x")
    assert status == 400 and "IncompleteSignature" in text


def test_the_control_path_refuses_misspelt_faults(server):
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.faults(trottle="always")
    assert refused.value.code == 400

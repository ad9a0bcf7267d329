"""CloudWatch Logs: groups and streams, searches in pages, one stream, Insights, tails."""

import threading
import time

import botocore.exceptions
import pytest
from conftest import Server, code, protocols

LINKED = "222222222222"
FAILED = '{ $.message = "*switched from RUNNING to FAILED*" }'


@pytest.fixture(autouse=True)
def once(server):
    """CloudWatch Logs has one protocol, whatever CloudWatch is asked in."""
    if server.protocol != protocols()[0][1]:
        pytest.skip("checked already")


@pytest.fixture(scope="session")
def logs(server):
    return server.client("logs", inject_host_prefix=False)


@pytest.fixture(scope="session")
def place(kinesis):
    """Group and stream of every application, as it is described."""
    places = {}
    for summary in kinesis.list_applications()["ApplicationSummaries"]:
        name = summary["ApplicationName"]
        detail = kinesis.describe_application(ApplicationName=name)["ApplicationDetail"]
        for option in detail["CloudWatchLoggingOptionDescriptions"]:
            group, stream = option["LogStreamARN"].split(":log-group:")[1].split(":log-stream:")
            places[name] = (group, stream)
    return places


@pytest.fixture(scope="session")
def loop(place):
    """The group of an application that restarts every two minutes."""
    return place["clickstream"][0]


def pages_of(call, **question):
    """All events of a search, and how many events each page had."""
    events, sizes = [], []
    while True:
        page = call(**question)
        events += page["events"]
        sizes.append(len(page["events"]))
        assert page["searchedLogStreams"] == []
        if "nextToken" not in page:
            return events, sizes
        question["nextToken"] = page["nextToken"]


def has_direction(logs):
    """Older clients cannot ask for the newest events first."""
    return "startFromHead" in logs.meta.service_model.operation_model("FilterLogEvents").input_shape.members


def test_groups_and_streams_are_those_of_the_applications(server, logs, place):
    groups = {group["logGroupName"]: group for group in logs.describe_log_groups()["logGroups"]}
    missing = {name for name, (group, _) in place.items() if group not in groups}
    assert missing == {"iot-telemetry"}, "one application logs to a group that is not there"
    for group in groups.values():
        assert group["arn"] == group["logGroupArn"] + ":*" and group["retentionInDays"] > 0
    shared = logs.describe_log_streams(logGroupName="/shop/flink", orderBy="LastEventTime", descending=True)
    assert {stream["logStreamName"] for stream in shared["logStreams"]} == {"sessions", "recommendations"}
    assert all(stream["lastEventTimestamp"] > (server.now() - 7200) * 1000 for stream in shared["logStreams"])
    page = logs.describe_log_groups(limit=2)
    assert len(page["logGroups"]) == 2 and page["nextToken"]
    named = logs.describe_log_groups(logGroupNamePattern="stream")["logGroups"]
    assert [group["logGroupName"] for group in named] == ["/aws/kinesis-analytics/clickstream"]


def test_linked_accounts_are_read_by_arn(server, logs):
    linked = logs.describe_log_groups(includeLinkedAccounts=True, accountIdentifiers=[LINKED])["logGroups"]
    assert linked and all(f":{LINKED}:" in group["arn"] for group in linked)
    start = (server.now() - 3600) * 1000
    found = logs.filter_log_events(logGroupIdentifier=linked[0]["logGroupArn"], startTime=start, limit=5)
    assert len(found["events"]) == 5
    assert code(logs.filter_log_events, logGroupName=linked[0]["logGroupName"]) == "ResourceNotFoundException"
    assert code(logs.filter_log_events, logGroupIdentifier=linked[0]["arn"]) == "InvalidParameterException"


def test_a_search_has_pages_and_a_paginator_reads_them(server, logs, loop):
    now = server.now() * 1000
    question = {"logGroupName": loop, "startTime": now - 3 * 3_600_000, "endTime": now}
    found, sizes = pages_of(logs.filter_log_events, filterPattern=FAILED, **question)
    assert len(found) > 60 and len(sizes) > 1, sizes
    assert len({event["eventId"] for event in found}) == len(found)
    assert [event["timestamp"] for event in found] == sorted(event["timestamp"] for event in found)
    paginator = logs.get_paginator("filter_log_events")
    again = [event for page in paginator.paginate(filterPattern=FAILED, **question) for event in page["events"]]
    assert again == found
    if has_direction(logs):
        newest, _ = pages_of(logs.filter_log_events, filterPattern=FAILED, startFromHead=False, **question)
        assert newest == found[::-1]


def test_patterns(server, logs, loop):
    now = server.now() * 1000
    question = {"logGroupName": loop, "startTime": now - 1_800_000, "endTime": now}

    def count(pattern):
        return len(pages_of(logs.filter_log_events, filterPattern=pattern, **question)[0])

    both = count('"switched from RUNNING to FAILED"')
    assert both > 10 and both == count(FAILED) == count("%RUNNING\\sto\\sFAILED%")
    levels = [count('{ $.message = "*to FAILED*" && $.messageType = "%s" }' % level) for level in ("WARN", "INFO")]
    assert sum(levels) == both and levels[0] == levels[1], "a failure is told twice"
    assert count("?FAILED ?RESTARTING") == count("FAILED") + count("RESTARTING") - count("FAILED RESTARTING")
    assert count("FAILED -WARN") == count("FAILED") - count("FAILED WARN")
    assert count('{ $.messageType = "ERROR" }') == 0
    for bad in ("a-b", "{ $.a }", "%a(b)%", '"open'):
        assert code(logs.filter_log_events, filterPattern=bad, **question) == "InvalidParameterException"


def test_limits_of_a_search(server, logs, loop):
    if has_direction(logs):
        assert code(logs.filter_log_events, logGroupName=loop, startFromHead=False) == "InvalidParameterException"
    assert code(logs.filter_log_events, logGroupName=loop, nextToken="nonsense") == "InvalidParameterException"
    assert code(logs.filter_log_events, logGroupName="/no/such") == "ResourceNotFoundException"
    # Without parameter validation boto3 sends what it would refuse itself.
    rash = server.client("logs", parameter_validation=False)
    for wrong in ({"limit": 10_001}, {"limit": 0}, {"logGroupIdentifier": loop}, {"filterPattern": "a" * 1025}):
        assert code(rash.filter_log_events, logGroupName=loop, **wrong) == "InvalidParameterException"


def test_empty_pages_are_followed(server, logs, loop):
    now = server.now() * 1000
    question = {"logGroupName": loop, "startTime": now - 600_000, "endTime": now - 60_000}
    whole, _ = pages_of(logs.filter_log_events, **question)
    server.faults(empty_log_pages={"next": 2})
    again, sizes = pages_of(logs.filter_log_events, **question)
    assert sizes[:2] == [0, 0] and again == whole


def test_a_stream_ends_where_its_token_repeats(server, logs, place):
    group, stream = place["orders"]
    now = server.now() * 1000
    question = {"logGroupName": group, "logStreamName": stream, "startTime": now - 3_600_000, "endTime": now}
    page = logs.get_log_events(startFromHead=True, limit=40, **question)
    events, token = page["events"], page["nextForwardToken"]
    while True:
        page = logs.get_log_events(startFromHead=True, limit=40, nextToken=token, **question)
        events += page["events"]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    assert len(events) > 100
    newest = logs.get_log_events(limit=10, **question)
    assert newest["events"] == events[-10:]
    before = logs.get_log_events(limit=10, nextToken=newest["nextBackwardToken"], **question)
    assert before["events"] == events[-20:-10]
    at = events[0]["timestamp"]
    exclusive = logs.get_log_events(logGroupName=group, logStreamName=stream, startTime=at, endTime=at)
    inclusive = logs.filter_log_events(logGroupName=group, startTime=at, endTime=at)
    assert exclusive["events"] == [] and inclusive["events"]
    assert code(logs.get_log_events, logGroupName=group, logStreamName="no") == "ResourceNotFoundException"


def test_quotas_of_logs(loop):
    limited = Server("--rate-limits", "--quota", "FilterLogEvents=2")
    try:
        logs = limited.client("logs")
        question = {"logGroupName": loop, "startTime": limited.now() * 1000, "limit": 1}
        codes = []
        for _ in range(8):
            try:
                logs.filter_log_events(**question)
                codes.append(None)
            except botocore.exceptions.ClientError as refused:
                assert refused.response["Error"]["Message"] == "Rate exceeded"
                codes.append(refused.response["Error"]["Code"])
        assert codes[:2] == [None, None] and "ThrottlingException" in codes
        assert limited.counts("FilterLogEvents")["throttles"] == codes.count("ThrottlingException")
        logs.describe_log_groups()
    finally:
        limited.stop()


def test_denial_per_resource(server, logs, kinesis, place):
    server.faults(deny_resources={"arn:aws:logs:*:log-group:/aws/kinesis-analytics/orders": ["logs:*"],
                                  "*:application/orders": ["kinesisanalytics:DescribeApplication"]})
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        logs.filter_log_events(logGroupName=place["orders"][0])
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException" and "on resource: arn:aws:logs:" in error["Message"]
    logs.filter_log_events(logGroupName=place["payments"][0], limit=1)
    logs.describe_log_groups()
    assert code(kinesis.describe_application, ApplicationName="orders") == "AccessDeniedException"
    kinesis.describe_application(ApplicationName="payments")


def wait_for(logs, query):
    statuses = []
    while True:
        answer = logs.get_query_results(queryId=query)
        statuses.append(answer["status"])
        if answer["status"] not in ("Scheduled", "Running"):
            return answer, statuses
        time.sleep(0.05)


def test_insights_counts_what_a_search_finds(server, logs, loop):
    now = server.now()
    question = {"logGroupName": loop, "startTime": now - 1800, "endTime": now - 60}
    text = "filter message like /RUNNING to FAILED/ | stats count(*) as failures by bin(10m) | sort failures desc"
    server.control("counters/reset", {})
    answer, statuses = wait_for(logs, logs.start_query(queryString=text, **question)["queryId"])
    assert statuses[0] == "Scheduled" and "Running" in statuses and answer["status"] == "Complete"
    rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
    times = {"startTime": (now - 1800) * 1000, "endTime": (now - 60) * 1000 + 999}
    found, _ = pages_of(logs.filter_log_events, logGroupName=loop, filterPattern=FAILED, **times)
    assert sum(int(row["failures"]) for row in rows) == len(found) == answer["statistics"]["recordsMatched"]
    assert all(row["bin(10m)"].endswith(":00.000") for row in rows)
    billed = server.counts("GetQueryResults")["usage"]["log_bytes_billed"]
    assert billed == answer["statistics"]["bytesScanned"] > 100_000, "once, however often it is asked"
    newest, _ = wait_for(logs, logs.start_query(queryString="fields @timestamp, message", limit=3, **question)["queryId"])
    assert [[cell["field"] for cell in row] for row in newest["results"]] == [["@timestamp", "message", "@ptr"]] * 3


def test_insights_refuses_what_it_does_not_know(server, logs, loop):
    question = {"logGroupName": loop, "startTime": server.now() - 60, "endTime": server.now()}
    with pytest.raises(logs.exceptions.MalformedQueryException) as refused:
        logs.start_query(queryString="fields @message | count()", **question)
    error = refused.value.response
    assert error["Error"]["Message"].startswith("mismatched input 'count' expecting {K_PARSE,")
    assert error["queryCompileError"]["location"]["startCharOffset"] == 18
    assert code(logs.get_query_results, queryId="no") == "ResourceNotFoundException"
    query = logs.start_query(queryString="fields @message", **question)["queryId"]
    assert logs.stop_query(queryId=query)["success"]
    assert logs.get_query_results(queryId=query)["status"] == "Cancelled"
    assert code(logs.stop_query, queryId=query) == "InvalidParameterException"


def tail(logs, updates, **question):
    """The session's start, and so many updates."""
    stream = logs.start_live_tail(**question)["responseStream"]
    start, found = None, []
    for event in stream:
        if "sessionStart" in event:
            start = event["sessionStart"]
        else:
            found.append(event["sessionUpdate"])
        if len(found) == updates:
            break
    stream.close()
    return start, found


def arn(logs, name):
    return logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["logGroupArn"]


def test_a_tail_shows_each_line_once():
    busy = Server("--bench-tasks", "2", "--log-lines", "80", "--live-tail-seconds", "4")
    try:
        logs = busy.client("logs", inject_host_prefix=False)
        group = arn(logs, "/aws/kinesis-analytics/bench-000")
        start, updates = tail(logs, 3, logGroupIdentifiers=[group], logEventFilterPattern='"was handled"')
        assert start["logGroupIdentifiers"] == [group] and start["sessionId"]
        lines = [line for update in updates for line in update["sessionResults"]]
        assert len({line["message"] for line in lines}) == len(lines) == 240
        assert not any(update["sessionMetadata"]["sampled"] for update in updates)
        assert all(line["logGroupIdentifier"] == group for line in lines)
        from_first = lines[0]["timestamp"] // 1000
        times = {"startTime": from_first * 1000, "endTime": from_first * 1000 + 2999}
        stored, _ = pages_of(logs.filter_log_events, logGroupIdentifier=group, filterPattern='"was handled"', **times)
        assert [line["message"] for line in stored] == [line["message"] for line in lines]
        seen = []
        with pytest.raises(botocore.exceptions.EventStreamError) as ended:
            for event in logs.start_live_tail(logGroupIdentifiers=[group])["responseStream"]:
                seen.append(event)
        assert len(seen) == 5 and "SessionTimeoutException" in str(ended.value)
        busy.faults(broken_live_tail="always")
        with pytest.raises(botocore.exceptions.EventStreamError) as ended:
            list(logs.start_live_tail(logGroupIdentifiers=[group])["responseStream"])
        assert "SessionStreamingException" in str(ended.value)
    finally:
        busy.stop()


def test_a_busy_tail_is_sampled():
    busy = Server("--bench-tasks", "2", "--log-lines", "900")
    try:
        logs = busy.client("logs", inject_host_prefix=False)
        _, updates = tail(logs, 2, logGroupIdentifiers=[arn(logs, "/aws/kinesis-analytics/bench-000")])
        assert [len(update["sessionResults"]) for update in updates] == [500, 500]
        assert all(update["sessionMetadata"]["sampled"] for update in updates)
    finally:
        busy.stop()


def test_limits_of_tails(server, logs, loop, place):
    group = arn(logs, loop)
    wrong = [
        {"logGroupIdentifiers": [loop]},
        {"logGroupIdentifiers": [group, arn(logs, place["orders"][0])], "logStreamNames": ["x"]},
        {"logGroupIdentifiers": [group], "logStreamNames": ["x"], "logStreamNamePrefixes": ["x"]},
        {"logGroupIdentifiers": [group], "logEventFilterPattern": "a-b"},
    ]
    rash = server.client("logs", inject_host_prefix=False, parameter_validation=False)
    for question in [*wrong, {"logGroupIdentifiers": [group] * 11}]:
        assert code(rash.start_live_tail, **question) == "InvalidParameterException", question
    server.faults(deny=["logs:StartLiveTail"])
    assert code(logs.start_live_tail, logGroupIdentifiers=[group]) == "AccessDeniedException"


def test_so_many_sessions_at_once(server, loop):
    logs = server.client("logs", inject_host_prefix=False, max_pool_connections=20)
    group = arn(logs, loop)
    until = time.monotonic() + 5
    while server.counts("StartLiveTail").get("in_flight", 0) > 0 and time.monotonic() < until:
        time.sleep(0.05)
    streams = [logs.start_live_tail(logGroupIdentifiers=[group])["responseStream"] for _ in range(15)]
    assert code(logs.start_live_tail, logGroupIdentifiers=[group]) == "LimitExceededException"
    assert server.counts("StartLiveTail")["in_flight"] == 15
    closing = [threading.Thread(target=stream.close) for stream in streams]
    for thread in closing:
        thread.start()
    until = time.monotonic() + 10
    while server.counts("StartLiveTail")["in_flight"] > 0 and time.monotonic() < until:
        time.sleep(0.05)
    assert server.counts("StartLiveTail")["in_flight"] == 0

"""ListMetrics and GetMetricData: what exists, and that its statistics agree."""

import datetime

import pytest
from conftest import NAMESPACE, Server, code, query

DAY = 86_400


def key(metric):
    dimensions = sorted((d["Name"], d["Value"]) for d in metric["Dimensions"])
    return metric["MetricName"], tuple(dimensions)


def test_list_metrics_pages_without_gaps_or_repeats(cloudwatch, metrics):
    assert len({key(metric) for metric in metrics}) == len(metrics)
    first = cloudwatch.list_metrics(Namespace=NAMESPACE)
    assert len(first["Metrics"]) == min(500, len(metrics))
    assert ("NextToken" in first) == (len(metrics) > 500)


def test_list_metrics_filters(cloudwatch, metrics, running, task_metric):
    def found(**filters):
        pages = cloudwatch.get_paginator("list_metrics").paginate(**filters)
        return {key(metric) for page in pages for metric in page["Metrics"]}

    everything = {key(metric) for metric in metrics}
    name = task_metric["MetricName"]
    assert found(MetricName=name) == {k for k in everything if k[0] == name}
    with_task = {k for k in everything if any(d[0] == "Task" for d in k[1])}
    assert found(Dimensions=[{"Name": "Task"}]) == with_task
    of_application = {k for k in everything if ("Application", running) in k[1]}
    assert found(Dimensions=[{"Name": "Application", "Value": running}]) == of_application
    both = [{"Name": "Application", "Value": running}, {"Name": "Task"}]
    assert found(Dimensions=both) == of_application & with_task
    assert found(Namespace="AWS/Other") == set()
    assert found(RecentlyActive="PT3H") <= everything


def test_recently_active_leaves_out_what_is_silent(cloudwatch, metrics, server, ask):
    pages = cloudwatch.get_paginator("list_metrics").paginate(RecentlyActive="PT3H")
    recent = {key(metric) for page in pages for metric in page["Metrics"]}
    silent = [m for m in metrics if key(m) not in recent and m["MetricName"] != "KPUs"][:20]
    if not silent:
        pytest.skip("everything in this world is recent")
    queries = [query(f"m{i}", metric, "SampleCount") for i, metric in enumerate(silent)]
    assert all(not r["Values"] for r in ask(queries, 3 * 3600)["MetricDataResults"])


def test_list_metrics_refuses_bad_filters(cloudwatch, monkeypatch):
    eleven = [{"Name": f"d{i}"} for i in range(11)]
    # boto3 knows these limits too; the server must not rely on it.
    raw = cloudwatch_without_validation(cloudwatch)
    assert code(raw.list_metrics, Dimensions=eleven) == "InvalidParameterValue"
    assert code(raw.list_metrics, RecentlyActive="PT1H") == "InvalidParameterValue"
    assert code(raw.list_metrics, NextToken="nonsense") == "InvalidNextToken"


def cloudwatch_without_validation(client):
    import boto3
    from botocore.config import Config

    meta = client.meta
    return boto3.session.Session().client(
        "cloudwatch",
        region_name=meta.region_name,
        endpoint_url=meta.endpoint_url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_linked_accounts_are_listed_with_their_owner(cloudwatch, metrics):
    pages = cloudwatch.get_paginator("list_metrics").paginate(IncludeLinkedAccounts=True)
    owned = []
    for page in pages:
        assert len(page["OwningAccounts"]) == len(page["Metrics"])
        owned += zip(page["OwningAccounts"], map(key, page["Metrics"]))
    own = {key(metric) for metric in metrics}
    linked = [(account, k) for account, k in owned if k not in own]
    assert len(owned) == len(own) + len(linked)
    if not linked:
        pytest.skip("this world has no linked account")
    account, (name, dimensions) = linked[0]
    only = cloudwatch.list_metrics(IncludeLinkedAccounts=True, OwningAccount=account)
    assert set(only["OwningAccounts"]) == {account}


def test_a_linked_accounts_data_needs_its_account_id(cloudwatch, ask, metrics):
    listed = cloudwatch.list_metrics(
        IncludeLinkedAccounts=True, RecentlyActive="PT3H", OwningAccount="222222222222"
    )["Metrics"]
    if not listed:
        pytest.skip("this world has no linked account")
    metric = next(m for m in listed if m["MetricName"] != "KPUs")
    answer = ask(
        [
            query("without", metric, "SampleCount"),
            query("with1", metric, "SampleCount", AccountId="222222222222"),
            query("wrong", metric, "SampleCount", AccountId="333333333333"),
        ]
    )
    values = {r["Id"]: len(r["Values"]) for r in answer["MetricDataResults"]}
    assert values["without"] == 0 and values["wrong"] == 0
    assert values["with1"] > 0


def test_all_statistics_agree(ask, task_metric):
    stats = ["SampleCount", "Sum", "Average", "Minimum", "Maximum", "p0", "p50", "p99.9", "p100", "IQM", "tm90", "PR(0:)"]
    queries = [query(f"s{i}", task_metric, stat) for i, stat in enumerate(stats)]
    answer = ask(queries)
    values = {}
    for result in answer["MetricDataResults"]:
        assert result["StatusCode"] == "Complete"
        stat = stats[int(result["Id"][1:])]
        values[stat] = dict(zip(result["Timestamps"], result["Values"]))
    assert values["Sum"]
    for at, total in values["Sum"].items():
        of = {stat: values[stat][at] for stat in stats}
        assert of["Average"] == pytest.approx(total / of["SampleCount"])
        assert of["SampleCount"] % 1 == 0
        assert of["Minimum"] <= of["p50"] <= of["p99.9"] <= of["Maximum"]
        assert of["p0"] == pytest.approx(of["Minimum"]) and of["p100"] == pytest.approx(of["Maximum"])
        # A mean of equal samples may lie beside them by its rounding.
        assert of["Minimum"] - 1e-9 <= of["IQM"] <= of["Maximum"] + 1e-9
        assert of["tm90"] <= of["Average"] + 1e-9
        assert of["PR(0:)"] == 100


def test_larger_periods_fold_minutes(ask, task_metric):
    stats = {"a": "Sum", "b": "SampleCount", "c": "Minimum", "d": "Maximum"}
    minutes = ask([query(i, task_metric, stat, 60) for i, stat in stats.items()], 7200)
    fives = ask([query(i, task_metric, stat, 300) for i, stat in stats.items()], 3600)
    fold = {"a": sum, "b": sum, "c": min, "d": max}
    by_id = {r["Id"]: dict(zip(r["Timestamps"], r["Values"])) for r in minutes["MetricDataResults"]}
    for result in fives["MetricDataResults"]:
        assert result["Timestamps"]
        # The newest bucket may reach beyond the last minute that was asked.
        for at, value in list(zip(result["Timestamps"], result["Values"]))[1:]:
            assert at.timestamp() % 300 == 0
            own = [by_id[result["Id"]].get(at + datetime.timedelta(minutes=i)) for i in range(5)]
            own = [one for one in own if one is not None]
            assert value == pytest.approx(fold[result["Id"]](own))


def test_order_and_paging(ask, cloudwatch, server, task_metric):
    queries = [query(f"q{i}", task_metric, stat) for i, stat in enumerate(["Sum", "Average", "Maximum"])]
    newest_first = ask(queries[:1])["MetricDataResults"][0]["Timestamps"]
    oldest_first = ask(queries[:1], ScanBy="TimestampAscending")["MetricDataResults"][0]["Timestamps"]
    assert newest_first == sorted(newest_first, reverse=True)
    assert oldest_first == sorted(newest_first)
    end = server.now() // 60 * 60
    whole = ask(queries, end=end)["MetricDataResults"]
    pages = list(
        cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=end - 3600, EndTime=end, MaxDatapoints=50
        )
    )
    assert all(sum(len(r["Values"]) for r in page["MetricDataResults"]) <= 50 for page in pages)
    joined = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            joined.setdefault(result["Id"], []).extend(zip(result["Timestamps"], result["Values"]))
    assert joined == {r["Id"]: list(zip(r["Timestamps"], r["Values"])) for r in whole}


def test_a_page_holds_at_most_100800_points(ask, cloudwatch, server, metrics):
    recent = [m for m in metrics if m["MetricName"].startswith("numRecords")]
    # 14 days of minutes; the metrics repeat when the world has few.
    queries = [query(f"q{i}", recent[i % len(recent)], "SampleCount") for i in range(8)]
    end = server.now() // 60 * 60
    pages = list(
        cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=end - 14 * DAY, EndTime=end
        )
    )
    counts = [sum(len(r["Values"]) for r in page["MetricDataResults"]) for page in pages]
    if len(counts) == 1:
        pytest.skip("this world has too few points")
    assert all(count == 100_800 for count in counts[:-1])
    assert counts[-1] <= 100_800
    partial = [r for r in pages[0]["MetricDataResults"] if r["StatusCode"] == "PartialData"]
    assert len(partial) <= 1


def test_a_full_call_is_answered(ask, metrics):
    queries = [query(f"q{i}", metrics[i % len(metrics)], "Average") for i in range(500)]
    assert len(ask(queries)["MetricDataResults"]) == 500


def test_limits_have_awss_codes(ask, cloudwatch, server, task_metric):
    one = query("a", task_metric)
    end = server.now() // 60 * 60
    loose = cloudwatch_without_validation(cloudwatch)

    def refused(queries, start=end - 3600, until=end, **more):
        return code(
            loose.get_metric_data, MetricDataQueries=queries, StartTime=start, EndTime=until, **more
        )

    assert refused([query(f"q{i}", task_metric) for i in range(501)]) == "ValidationError"
    assert refused([]) == "ValidationError"
    assert refused([one, one]) == "ValidationError"
    for bad in ["A", "1a", "a-b", ""]:
        assert refused([query(bad, task_metric)]) == "ValidationError", bad
    for period in [0, 7, 61, 90, -60]:
        assert refused([query("a", task_metric, period=period)]) == "ValidationError", period
    for stat in ["sum", "Mean", "p101", ""]:
        assert refused([query("a", task_metric, stat)]) == "ValidationError", stat
    assert refused([one], start=end) == "ValidationError"
    assert refused([one], start=end + 60) == "ValidationError"
    assert refused([one], ScanBy="Sideways") == "ValidationError"
    assert refused([one], MaxDatapoints=100_801) == "ValidationError"
    assert refused([{"Id": "a"}]) == "ValidationError"
    assert refused([{**one, "Expression": "1"}]) == "ValidationError"
    assert refused([query("a", task_metric, ReturnData=False)]) == "ValidationError"
    assert refused([one], NextToken="nonsense") == "InvalidNextToken"


def test_a_token_belongs_to_its_request(ask, task_metric):
    token = ask([query("a", task_metric)], MaxDatapoints=5)["NextToken"]
    assert code(ask, [query("b", task_metric)], MaxDatapoints=5, NextToken=token) == "InvalidNextToken"


def test_points_older_than_their_retention_are_gone(ask, server, task_metric):
    now = server.now()
    answer = ask([query(f"p{p}", task_metric, "SampleCount", p) for p in (60, 300, 3600)], 80 * DAY, MaxDatapoints=100_800)
    oldest = {r["Id"]: min(t.timestamp() for t in r["Timestamps"]) for r in answer["MetricDataResults"] if r["Timestamps"]}
    assert now - oldest["p60"] <= 15 * DAY
    if "p300" in oldest:
        assert now - oldest["p300"] <= 63 * DAY
    # High-resolution periods are allowed, but nothing is stored at them.
    assert ask([query("a", task_metric, period=10)])["MetricDataResults"][0]["Values"] == []


def test_dimensions_match_exactly_or_not_at_all(ask, task_metric):
    application, task = sorted(task_metric["Dimensions"], key=lambda d: d["Name"])
    name = task_metric["MetricName"]

    def metric(*dimensions, namespace=NAMESPACE, name=name):
        return {"Namespace": namespace, "MetricName": name, "Dimensions": list(dimensions)}

    answer = ask(
        [
            query("exact", metric(application, task)),
            query("swapped", metric(task, application)),
            query("more", metric(application, task, {"Name": "Extra", "Value": "x"})),
            query("fewer", metric(task)),
            query("none", metric()),
            query("renamed", metric({**application, "Name": "ApplicationName"}, task)),
            query("other", metric(application, task, namespace="AWS/Other")),
            query("typo", metric(application, task, name=name.upper())),
        ]
    )
    results = {r["Id"]: r for r in answer["MetricDataResults"]}
    assert results["exact"]["Values"]
    assert results["swapped"]["Values"] == results["exact"]["Values"]
    for id in ["more", "fewer", "none", "renamed", "other", "typo"]:
        assert results[id]["Values"] == [], id
        assert results[id]["StatusCode"] == "Complete"


def test_percentiles_vanish_where_a_sample_is_negative(ask, metrics):
    watermarks = [m for m in metrics if m["MetricName"] in ("lastCheckpointDuration", "currentOutputWatermark", "millisBehindLatest")]
    queries = []
    for i, metric in enumerate(watermarks[:100]):
        queries += [query(f"min{i}", metric, "Minimum"), query(f"p{i}", metric, "p50")]
    if not queries:
        pytest.skip("this world has no metric with sentinels")
    by_id = {r["Id"]: dict(zip(r["Timestamps"], r["Values"])) for r in ask(queries)["MetricDataResults"]}
    for i in range(len(queries) // 2):
        for at, lowest in by_id[f"min{i}"].items():
            assert (at in by_id[f"p{i}"]) == (lowest >= 0)


def test_expressions(ask, task_metric, running):
    queries = [
        query("m1", task_metric, "Sum"),
        query("m2", task_metric, "SampleCount", ReturnData=False),
        {"Id": "ratio", "Expression": "m1 / m2", "Label": "mean"},
        query("m3", task_metric, "Average"),
        {"Id": "rate", "Expression": "m1/(4*PERIOD(m1)/60)"},
        {"Id": "total", "Expression": "SUM([m1, m1])"},
        {"Id": "big", "Expression": "IF(m1 > 0, 1, 0)"},
        {"Id": "diff", "Expression": "DIFF(m1)"},
        {"Id": "found", "Expression": 'SEARCH(\'{AWS/KinesisAnalytics,Application,Task} MetricName="numRecordsOutPerSecond" Application="%s"\', \'Sum\', 60)' % running},
    ]
    answer = ask(queries)
    results = {}
    for result in answer["MetricDataResults"]:
        results.setdefault(result["Id"], []).append(result)
    assert "m2" not in results
    assert results["ratio"][0]["Values"] == pytest.approx(results["m3"][0]["Values"])
    assert results["ratio"][0]["Label"] == "mean"
    sums = results["m1"][0]["Values"]
    assert results["rate"][0]["Values"] == pytest.approx([s / 4 for s in sums])
    assert results["total"][0]["Values"] == pytest.approx([2 * s for s in sums])
    assert set(results["big"][0]["Values"]) <= {0.0, 1.0}
    assert len(results["diff"][0]["Values"]) == len(sums) - 1
    assert sums in [r["Values"] for r in results["found"]]
    assert code(ask, [query("m1", task_metric), {"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}]) == "ValidationError"
    assert code(ask, [{"Id": "e", "Expression": "m9 + 1"}]) == "ValidationError"


def test_billing_counts_metrics_not_statistics(ask, server, task_metric):
    server.control("counters/reset", {})
    ask([query(f"s{i}", task_metric, stat) for i, stat in enumerate(["Sum", "Average", "SampleCount"])])
    usage = server.counts("GetMetricData")["usage"]
    assert (usage["queries"], usage["billed_metrics"]) == (3, 1)
    ask([query(f"s{i}", task_metric, f"p{i}") for i in range(6)])
    assert server.counts("GetMetricData")["usage"]["billed_metrics"] == 3


def test_get_metric_statistics(cloudwatch, server, task_metric, ask):
    end = server.now() // 3600 * 3600
    named = {"StartTime": end - 3600, "EndTime": end, **task_metric}
    plain = cloudwatch.get_metric_statistics(Period=60, Statistics=["Sum", "Average", "SampleCount"], **named)
    assert plain["Label"] == task_metric["MetricName"]
    data = ask([query("a", task_metric, "Sum")], end=end)["MetricDataResults"][0]
    found = {p["Timestamp"]: p for p in plain["Datapoints"]}
    assert {at: p["Sum"] for at, p in found.items()} == dict(zip(data["Timestamps"], data["Values"]))
    for point in found.values():
        assert point["Average"] == pytest.approx(point["Sum"] / point["SampleCount"])
    extended = cloudwatch.get_metric_statistics(Period=300, ExtendedStatistics=["p50", "p90"], **named)
    for point in extended["Datapoints"]:
        assert point["ExtendedStatistics"]["p50"] <= point["ExtendedStatistics"]["p90"]

    def refused(**more):
        return code(cloudwatch.get_metric_statistics, **{**named, "Period": 60, "Statistics": ["Sum"], **more})

    assert refused(StartTime=end - 2 * DAY) == "InvalidParameterCombination"
    assert refused(StartTime=end) == "InvalidParameterCombination"
    assert refused(ExtendedStatistics=["p50"]) == "InvalidParameterCombination"
    assert refused(Period=61) == "InvalidParameterValue"


def labels(answer, id):
    return [result["Label"] for result in answer["MetricDataResults"] if result["Id"] == id]


def test_labels_are_filled_in(ask, server, running, task_metric):
    name = task_metric["MetricName"]
    task = next(d["Value"] for d in task_metric["Dimensions"] if d["Name"] == "Task")
    searched = (
        "SEARCH('{AWS/KinesisAnalytics,Application,Task} MetricName=\"%s\" Application=\"%s\"', 'Sum', 60)"
        % (name, running)
    )
    dimensions = "${PROP('Dim.Application')}/${PROP('Dim.Task')}"
    properties = "${PROP('MetricName')} ${PROP('Stat')} ${PROP('Period')} ${PROP('Region')}"
    numbers = "${MIN} ${MAX} ${AVG} ${SUM} ${FIRST} ${LAST} ${DATAPOINT_COUNT}"
    answer = ask(
        [
            query("metric", task_metric, Label=f"{dimensions} {properties}"),
            query("numbers", task_metric, Label=numbers),
            query("times", task_metric, Label="${FIRST_TIME}"),
            {"Id": "found", "Expression": f"{searched} / 4", "Label": dimensions},
            {"Id": "folded", "Expression": f"SUM({searched})", "Label": "all: ${LABEL}"},
        ],
        ScanBy="TimestampAscending",
        LabelOptions={"Timezone": "+0530"},
    )
    assert labels(answer, "metric") == [f"{running}/{task} {name} Sum 60 {server.region}"]
    points = next(r for r in answer["MetricDataResults"] if r["Id"] == "numbers")
    values = points["Values"]
    mean = sum(values) / len(values)
    expected = [min(values), max(values), mean, sum(values), values[0], values[-1], len(values)]
    said = [float(word) for word in points["Label"].split()]
    assert said == pytest.approx(expected, abs=0.001)
    first = datetime.datetime.fromisoformat(labels(answer, "times")[0])
    assert first == points["Timestamps"][0] and first.utcoffset() == datetime.timedelta(hours=5, minutes=30)
    found = labels(answer, "found")
    assert f"{running}/{task}" in found and len(set(found)) == len(found)
    assert all(label.startswith(f"{running}/") for label in found)
    assert labels(answer, "folded") == ["all: folded"]


def test_a_search_takes_one_of_several_names(ask, running):
    def found(names):
        query = f"{{AWS/KinesisAnalytics,Application}} MetricName={names} Application=\"{running}\""
        expression = f"SEARCH('{query}', 'Maximum', 60)"
        return labels(ask([{"Id": "e", "Expression": expression, "Label": "${PROP('MetricName')}"}]), "e")

    assert found('("fullRestarts" OR "numRestarts" OR "restarts")') in (["fullRestarts"], ["numRestarts"])
    assert set(found('("cpuUtilization" OR "uptime" OR "runningTime")')) >= {"cpuUtilization"}
    assert found('"restarts"') == []


def test_one_name_in_three_accounts():
    linked = Server("--edge-cases")
    try:
        cloudwatch = linked.client("cloudwatch")
        question = {"Namespace": NAMESPACE, "MetricName": "fullRestarts", "IncludeLinkedAccounts": True}
        listed = cloudwatch.list_metrics(Dimensions=[{"Name": "Application", "Value": "orders"}], **question)
        accounts = ["111111111111", "222222222222", "333333333333"]
        assert listed["OwningAccounts"] == accounts
        assert all(metric == listed["Metrics"][0] for metric in listed["Metrics"])
        end = linked.now() // 60 * 60
        asked = [query(f"a{account}", listed["Metrics"][0], "Maximum", AccountId=account) for account in accounts]
        found = cloudwatch.get_metric_data(MetricDataQueries=asked, StartTime=end - 600, EndTime=end)
        home, failing, other = [result["Values"][0] for result in found["MetricDataResults"]]
        assert (home, other) == (0, 0) and failing > 0
        kinesis = linked.client("kinesisanalyticsv2")
        tags = {}
        for summary in kinesis.list_applications()["ApplicationSummaries"]:
            listed = kinesis.list_tags_for_resource(ResourceARN=summary["ApplicationARN"])["Tags"]
            tags[summary["ApplicationName"]] = {tag["Key"]: tag["Value"] for tag in listed}
        assert tags["untagged"] == {} and tags["returns"]["cost-center"] == "4711"
        assert "env" not in tags["oddly-tagged"] and tags["orders"]["env"] == "prod"
    finally:
        linked.stop()

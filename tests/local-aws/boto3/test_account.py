"""Applications and identities."""

import json

import pytest
from conftest import code


def test_applications_are_listed_in_pages(kinesis):
    whole = kinesis.list_applications()["ApplicationSummaries"]
    names, token = [], None
    while True:
        page = kinesis.list_applications(Limit=3, **({"NextToken": token} if token else {}))
        assert len(page["ApplicationSummaries"]) <= 3
        names += [summary["ApplicationName"] for summary in page["ApplicationSummaries"]]
        token = page.get("NextToken")
        if not token:
            break
    assert names == [summary["ApplicationName"] for summary in whole]
    for summary in whole:
        assert summary["ApplicationARN"].endswith(summary["ApplicationName"])
        assert summary["ApplicationVersionId"] >= 1
        assert summary["RuntimeEnvironment"] and summary["ApplicationStatus"]


def test_an_application_is_described(kinesis, running):
    detail = kinesis.describe_application(ApplicationName=running)["ApplicationDetail"]
    assert detail["ApplicationName"] == running
    assert detail["ApplicationStatus"] == "RUNNING"
    assert detail["RuntimeEnvironment"].startswith("FLINK-")
    flink = detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"]
    assert "JobPlanDescription" not in flink
    more = kinesis.describe_application(ApplicationName=running, IncludeAdditionalDetails=True)
    configuration = more["ApplicationDetail"]["ApplicationConfigurationDescription"]
    plan = configuration["FlinkApplicationConfigurationDescription"]["JobPlanDescription"]
    assert "nodes" in json.loads(plan)


def test_each_application_has_its_tags(kinesis):
    teams = set()
    for summary in kinesis.list_applications()["ApplicationSummaries"]:
        tags = kinesis.list_tags_for_resource(ResourceARN=summary["ApplicationARN"])["Tags"]
        assert all(set(tag) == {"Key", "Value"} for tag in tags)
        tags = {tag["Key"]: tag["Value"] for tag in tags}
        assert tags["env"] == "prod"
        teams.add(tags["team"])
    assert len(teams) > 1, "something to choose by"


def test_every_listed_application_can_be_described(kinesis):
    for summary in kinesis.list_applications()["ApplicationSummaries"]:
        detail = kinesis.describe_application(ApplicationName=summary["ApplicationName"])["ApplicationDetail"]
        for field in ("ApplicationARN", "ApplicationStatus", "RuntimeEnvironment", "ApplicationVersionId"):
            assert detail[field] == summary[field], field


def test_what_does_not_exist_is_not_found(kinesis):
    missing = "there-is-no-such-application"
    assert code(kinesis.describe_application, ApplicationName=missing) == "ResourceNotFoundException"
    arn = f"arn:aws:kinesisanalytics:eu-west-1:111111111111:application/{missing}"
    assert code(kinesis.list_tags_for_resource, ResourceARN=arn) == "ResourceNotFoundException"
    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.list_applications(NextToken="nonsense")


def test_identities(server):
    sts = server.client("sts")
    identity = sts.get_caller_identity()
    assert identity["Account"] == "111111111111"
    role = "arn:aws:iam::222222222222:role/grafana-reader"
    answer = sts.assume_role(RoleArn=role, RoleSessionName="check", ExternalId="any")
    keys = answer["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA") and keys["SessionToken"]
    assert keys["Expiration"].timestamp() > server.now()
    assumed = server.client("sts", key=keys["AccessKeyId"]).get_caller_identity()
    assert assumed["Account"] == "222222222222"
    assert ":assumed-role/" in assumed["Arn"]
    assert code(sts.assume_role, RoleArn="arn:aws:iam::1:nonsense", RoleSessionName="check") == "ValidationError"
    calls = server.control("counters")["access_keys"]
    assert calls[keys["AccessKeyId"]]["GetCallerIdentity"] == 1

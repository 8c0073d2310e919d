"""A stranger's look at an AWS endpoint, with boto3 alone: paginators, waits for nothing, and the error codes that code matches on.
Each command prints JSON."""

import json
import sys
from collections import Counter

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"
SEOUL, VIRGINIA = "ap-northeast-2", "us-east-1"


def role(account, name, region=SEOUL):
    """A session of a role, from the environment's own key."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{name}", RoleSessionName="stranger")
    keys = got["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=region)


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def identity():
    there = role(PROD, "quell-reader")
    return {
        "own": {k: v for k, v in boto3.client("sts").get_caller_identity().items() if k != "ResponseMetadata"},
        "assumed": there.client("sts").get_caller_identity()["Arn"],
    }


def organization():
    client = boto3.client("organizations")
    pages = list(client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 3}))
    accounts = [a for page in pages for a in page["Accounts"]]
    return {
        "pages": len(pages),
        "ids": sorted(a["Id"] for a in accounts),
        "states": sorted({a["Status"] for a in accounts}),
        "management": client.describe_organization()["Organization"]["MasterAccountId"],
    }


def guardduty(account, region):
    client = role(account, "quell-reader", region).client("guardduty")
    detectors = client.list_detectors()["DetectorIds"]
    if not detectors:
        return {"detectors": 0}
    detector = detectors[0]
    paginator = client.get_paginator("list_findings")
    by_severity = {"AttributeName": "severity", "OrderBy": "DESC"}

    def ids(**more):
        return [i for page in paginator.paginate(DetectorId=detector, **more) for i in page["FindingIds"]]

    everything = ids(SortCriteria=by_severity)
    small = list(paginator.paginate(DetectorId=detector, SortCriteria=by_severity, PaginationConfig={"PageSize": 7}))
    findings = []
    for start in range(0, len(everything), 50):
        part = everything[start : start + 50]
        findings += client.get_findings(DetectorId=detector, FindingIds=part, SortCriteria=by_severity)["Findings"]
    severe = ids(FindingCriteria={"Criterion": {"severity": {"GreaterThanOrEqual": 7}}})
    return {
        "detectors": len(detectors),
        "ids": sorted(everything),
        "same in small pages": [i for page in small for i in page["FindingIds"]] == everything,
        "largest small page": max((len(page["FindingIds"]) for page in small), default=0),
        "got": sorted(f["Id"] for f in findings),
        "severities fall": all(a["Severity"] >= b["Severity"] for a, b in zip(findings, findings[1:])),
        "severe": sorted(severe),
        "severe as read": sorted(f["Id"] for f in findings if f["Severity"] >= 7),
        "types": Counter(f["Type"] for f in findings),
        "too many ids": code(client.get_findings, DetectorId=detector, FindingIds=["x"] * 51),
        "other detector": code(client.get_findings, DetectorId="0" * 32, FindingIds=everything[:1] or ["x"]),
    }


def detector(account, region):
    client = role(account, "quell-reader", region).client("guardduty")
    (detector,) = client.list_detectors()["DetectorIds"]
    return {
        "status": client.get_detector(DetectorId=detector)["Status"],
        "findings": len(client.list_findings(DetectorId=detector)["FindingIds"]),
    }


def securityhub(account, region):
    client = role(account, "quell-reader", region).client("securityhub")
    paginator = client.get_paginator("get_findings")

    def read(size, **more):
        return [f for page in paginator.paginate(PaginationConfig={"PageSize": size}, **more) for f in page["Findings"]]

    try:
        everything = read(100)
    except ClientError as error:
        return {"error": error.response["Error"]["Code"]}
    high = read(100, Filters={"SeverityLabel": [{"Value": "HIGH", "Comparison": "EQUALS"}]})
    failed = read(100, Filters={"ComplianceStatus": [{"Value": "PASSED", "Comparison": "NOT_EQUALS"}]})
    return {
        "ids": sorted(f["Id"] for f in everything),
        "small pages": sorted(f["Id"] for f in read(3)),
        "high": sorted(f["Id"] for f in high),
        "high as read": sorted(f["Id"] for f in everything if f["Severity"]["Label"] == "HIGH"),
        "not passed": sorted(f["Id"] for f in failed),
        "not passed as read": sorted(f["Id"] for f in everything if f.get("Compliance", {}).get("Status") != "PASSED"),
        "bad token": code(client.get_findings, NextToken="not-a-token"),
    }


def machines(region):
    client = role(PROD, "quell-reader", region).client("ec2")

    def read(operation, key, size):
        pages = list(client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}))
        return len(pages), [item for page in pages for item in page[key]]

    instance_pages, reservations = read("describe_instances", "Reservations", 10)
    interface_pages, interfaces = read("describe_network_interfaces", "NetworkInterfaces", 10)
    return {
        "instance pages": instance_pages,
        "instances": sorted(i["InstanceId"] for r in reservations for i in r["Instances"]),
        "interface pages": interface_pages,
        "interfaces": sorted(i["NetworkInterfaceId"] for i in interfaces),
    }


def isolate(instance):
    """What a person with a terminal would do: a group without rules, and each interface put into it."""
    client = role(PROD, "quell-responder").client("ec2")
    found = client.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    group = client.create_security_group(GroupName="by-hand", Description="by hand", VpcId=found["VpcId"])["GroupId"]
    again = code(client.create_security_group, GroupName="by-hand", Description="again", VpcId=found["VpcId"])
    rules = client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    client.revoke_security_group_egress(GroupId=group, IpPermissions=rules)
    twice = client.revoke_security_group_egress
    for interface in found["NetworkInterfaces"]:
        client.modify_network_interface_attribute(NetworkInterfaceId=interface["NetworkInterfaceId"], Groups=[group])
    client.create_tags(Resources=[instance], Tags=[{"Key": "by", "Value": "손으로"}])
    after = client.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    sealed = client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return {
        "group": group,
        "again": again,
        "revoked twice": code(twice, GroupId=group, IpPermissions=rules),
        "groups": [sorted(g["GroupId"] for g in i["Groups"]) for i in after["NetworkInterfaces"]],
        "rules": len(sealed["IpPermissions"]) + len(sealed["IpPermissionsEgress"]),
        "tag": [t["Value"] for t in after["Tags"] if t["Key"] == "by"],
        "in use": code(client.delete_security_group, GroupId=group),
    }


def errors(instance, topic):
    reader, responder = role(PROD, "quell-reader"), role(PROD, "quell-responder")
    ec2, iam = responder.client("ec2"), responder.client("iam")
    unknown = boto3.Session("AKIAAAAAAAAAAAAAAAAA", "wrong", region_name=SEOUL)
    keys = boto3.Session().get_credentials()
    forged = boto3.Session(keys.access_key, "not-the-secret", region_name=SEOUL)
    return {
        "no such user": code(iam.list_access_keys, UserName="nobody"),
        "no such key": code(iam.update_access_key, UserName="deploy-bot", AccessKeyId="AKIAAAAAAAAAAAAAAAAA", Status="Inactive"),
        "no such instance": code(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]),
        "not an instance": code(ec2.describe_instances, InstanceIds=["nonsense"]),
        "no such interface": code(ec2.modify_network_interface_attribute, NetworkInterfaceId="eni-0123456789abcdef0", Groups=["sg-0123456789abcdef0"]),
        "no such group": code(ec2.describe_security_groups, GroupIds=["sg-0123456789abcdef0"]),
        "reader tags": code(reader.client("ec2").create_tags, Resources=[instance], Tags=[{"Key": "a", "Value": "b"}]),
        "reader switches": code(reader.client("iam").update_access_key, UserName="deploy-bot", AccessKeyId="AKIAAAAAAAAAAAAAAAAA", Status="Inactive"),
        "reader publishes": code(role("222222222222", "quell-reader").client("sns").publish, TopicArn=topic, Message="no"),
        "dry run": code(ec2.create_tags, Resources=[instance], Tags=[{"Key": "a", "Value": "b"}], DryRun=True),
        "no such topic": code(role("222222222222", "quell-responder").client("sns").publish, TopicArn=topic + "-not", Message="no"),
        "no such role": code(boto3.client("sts").assume_role, RoleArn=f"arn:aws:iam::{PROD}:role/nobody", RoleSessionName="stranger"),
        "unknown key": code(unknown.client("sts").get_caller_identity),
        "unknown key for EC2": code(unknown.client("ec2").describe_instances),
        "forged": code(forged.client("sts").get_caller_identity),
    }


def publish(topic):
    client = role("222222222222", "quell-responder").client("sns")
    topics = [t["TopicArn"] for page in client.get_paginator("list_topics").paginate() for t in page["Topics"]]
    return {"topics": topics, "id": client.publish(TopicArn=topic, Subject="drill", Message="한 줄\nand another & <more>")["MessageId"]}


def assume():
    keys = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{PROD}:role/quell-reader", RoleSessionName="stranger")["Credentials"]
    return {"key": keys["AccessKeyId"], "secret": keys["SecretAccessKey"], "token": keys["SessionToken"]}


def probe():
    """Whether the environment's own key works, service by service."""
    return {
        "sts": code(boto3.client("sts").get_caller_identity),
        "ec2": code(boto3.client("ec2").describe_instances),
        "guardduty": code(boto3.client("guardduty").list_detectors),
    }


def queue(name):
    """Everything that waits in a queue of the security account, and what a reader may not do there."""
    client = role("222222222222", "quell-reader").client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bodies, gone = [], []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=2).get("Messages"):
        bodies += [m["Body"] for m in messages]
        entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
        gone += client.delete_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    stranger = role(PROD, "quell-reader").client("sqs")
    return {
        "arn": arn,
        "bodies": bodies,
        "deleted": len(gone),
        "no such queue": code(client.get_queue_url, QueueName="other"),
        "too many": code(client.receive_message, QueueUrl=url, MaxNumberOfMessages=11),
        "bad receipt": code(client.delete_message, QueueUrl=url, ReceiptHandle="nonsense"),
        "reader sends": code(client.send_message, QueueUrl=url, MessageBody="no"),
        "other account": code(stranger.receive_message, QueueUrl=url),
    }


def administrators():
    client = role("222222222222", "quell-reader")
    guardduty, hub = client.client("guardduty"), client.client("securityhub")
    detector = guardduty.list_detectors()["DetectorIds"][0]
    listed = guardduty.get_paginator("list_members").paginate(DetectorId=detector, PaginationConfig={"PageSize": 1})
    arn = hub.list_finding_aggregators()["FindingAggregators"][0]["FindingAggregatorArn"]
    aggregator = hub.get_finding_aggregator(FindingAggregatorArn=arn)
    ids = [i for p in guardduty.get_paginator("list_findings").paginate(DetectorId=detector) for i in p["FindingIds"]]
    found = [f for p in hub.get_paginator("get_findings").paginate() for f in p["Findings"]]
    return {
        "members": [m["AccountId"] for p in listed for m in p["Members"]],
        "home": aggregator["FindingAggregationRegion"],
        "mode": aggregator["RegionLinkingMode"],
        "guardduty": len(set(ids)),
        "securityhub": len({f["Id"] for f in found}),
    }


def fleet():
    """What stands around a machine: read, refused where AWS refuses, changed and put back."""
    there = role(PROD, "quell-responder", VIRGINIA)
    ec2, scaling, elb, waf = (there.client(n) for n in ("ec2", "autoscaling", "elbv2", "wafv2"))
    group = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    name, members = group["AutoScalingGroupName"], [i["InstanceId"] for i in group["Instances"]]
    standby = {"AutoScalingGroupName": name, "InstanceIds": members[:1], "ShouldDecrementDesiredCapacity": True}
    refused = code(scaling.enter_standby, **standby)
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=1)
    moved = scaling.enter_standby(**standby)["Activities"][0]["StatusCode"]
    states = [i["LifecycleState"] for i in scaling.describe_auto_scaling_instances(InstanceIds=members[:1])["AutoScalingInstances"]]
    scaling.exit_standby(AutoScalingGroupName=name, InstanceIds=members[:1])
    pages = elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 1})
    targets = {g["TargetGroupName"]: g["TargetGroupArn"] for page in pages for g in page["TargetGroups"]}
    elb.deregister_targets(TargetGroupArn=targets["web"], Targets=[{"Id": members[0]}])
    health = elb.describe_target_health(TargetGroupArn=targets["web"])["TargetHealthDescriptions"]
    blocked = waf.list_ip_sets(Scope="REGIONAL")["IPSets"][0]
    which = {"Name": blocked["Name"], "Id": blocked["Id"], "Scope": "REGIONAL"}
    token = waf.get_ip_set(**which)["LockToken"]
    waf.update_ip_set(**which, Addresses=["192.0.2.1/32"], LockToken=token)
    machine = ec2.describe_instances(InstanceIds=members[:1])["Reservations"][0]["Instances"][0]
    types = ec2.describe_instance_types(InstanceTypes=[machine["InstanceType"]])["InstanceTypes"]
    subnet = [{"Name": "association.subnet-id", "Values": [machine["SubnetId"]]}]
    acl = ec2.describe_network_acls(Filters=subnet)["NetworkAcls"][0]
    entry = {"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 1, "Egress": False}
    deny = {**entry, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "203.0.113.7/32"}
    ec2.create_network_acl_entry(**deny)
    endpoints = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [machine["VpcId"]]}])["VpcEndpoints"]
    return {
        "refused": refused,
        "moved": moved,
        "states": states,
        "target groups": sorted(targets),
        "health": sorted(h["TargetHealth"]["State"] for h in health),
        "no group": code(elb.describe_target_health, TargetGroupArn=targets["web"] + "0"),
        "old token": code(waf.update_ip_set, **which, Addresses=[], LockToken=token),
        "no address": code(waf.update_ip_set, **which, Addresses=["everybody"], LockToken=waf.get_ip_set(**which)["LockToken"]),
        "addresses": waf.get_ip_set(**which)["IPSet"]["Addresses"],
        "instance store": [t["InstanceStorageSupported"] for t in types],
        "entry twice": code(ec2.create_network_acl_entry, **deny),
        "entry": [e["RuleAction"] for e in ec2.describe_network_acls(Filters=subnet)["NetworkAcls"][0]["Entries"] if e["RuleNumber"] == 1],
        "no entry": code(ec2.delete_network_acl_entry, **{**entry, "RuleNumber": 7}),
        "services": sorted(e["ServiceName"] for e in endpoints),
        "no association": code(ec2.disassociate_address, AssociationId="eipassoc-0123456789abcdef0"),
        "reader blocks": code(role(PROD, "quell-reader", VIRGINIA).client("wafv2").update_ip_set, **which, Addresses=[], LockToken=token),
    }


COMMANDS = {f.__name__: f for f in (identity, organization, queue, administrators, guardduty, detector, securityhub, machines, isolate, fleet, errors, publish, assume, probe)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

"""Systems Manager through boto3, which knows nothing of quell. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"


def there(role="quell-responder"):
    """Systems Manager as a role of the production account sees it."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{PROD}:role/{role}", RoleSessionName="stranger")
    keys = got["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "ap-northeast-2")
    return session.client("ssm")


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def listed(ssm, **parameters):
    pages = ssm.get_paginator("describe_instance_information").paginate(**parameters)
    return [one for page in pages for one in page["InstanceInformationList"]]


def agents(instance):
    ssm = there()
    by_id = lambda value: [{"Key": "InstanceIds", "Values": [value]}]
    shell = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["id"]}}
    send = lambda **more: code(ssm.send_command, **{**shell, "InstanceIds": [instance], **more})
    old = ssm.describe_instance_information(InstanceInformationFilterList=[{"key": "InstanceIds", "valueSet": [instance]}])
    return {
        "agents": [[a["InstanceId"], a["PingStatus"], a["PlatformType"]] for a in listed(ssm, PaginationConfig={"PageSize": 5})],
        "filtered": [a["InstanceId"] for a in listed(ssm, Filters=by_id(instance))],
        "old filter": [a["InstanceId"] for a in old["InstanceInformationList"]],
        "none": listed(ssm, Filters=by_id("i-0123456789abcdef0")),
        "bad filter": code(ssm.describe_instance_information, Filters=[{"Key": "Colour", "Values": ["red"]}]),
        "bad size": code(ssm.describe_instance_information, MaxResults=51),
        "no document": send(DocumentName="AWS-RunNothing"),
        "no instance": send(InstanceIds=["i-0123456789abcdef0"]),
        "no commands": send(Parameters={}),
        "unknown parameter": send(Parameters={"commands": ["id"], "colour": ["red"]}),
        "twice": send(InstanceIds=[instance, instance]),
        "windows": send(DocumentName="AWS-RunPowerShellScript"),
        "reader": code(there("quell-reader").send_command, InstanceIds=[instance], **shell),
        "no command": code(ssm.get_command_invocation, CommandId="0" * 36, InstanceId=instance),
    }


def send(instance):
    sent = there().send_command(DocumentName="AWS-RunShellScript", InstanceIds=[instance], Parameters={"commands": ["id"]})["Command"]
    return {"id": sent["CommandId"], "status": sent["Status"], "document": sent["DocumentName"]}


def invocation(command, instance):
    found = there().get_command_invocation(CommandId=command, InstanceId=instance)
    return {
        "status": found["Status"],
        "code": found["ResponseCode"],
        "output": found["StandardOutputContent"],
        "error": found["StandardErrorContent"],
    }


def captures(instance):
    pages = there().get_paginator("list_command_invocations").paginate(
        InstanceId=instance, Filters=[{"key": "Status", "value": "InProgress"}], PaginationConfig={"PageSize": 1}
    )
    found = [one for page in pages for one in page["CommandInvocations"]]
    return [{"id": one["CommandId"], "status": one["Status"], "comment": one["Comment"]} for one in found]


COMMANDS = {f.__name__: f for f in (agents, send, invocation, captures)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

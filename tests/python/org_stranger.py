"""What boto3 reads of the organisation, of IAM Identity Center and of a machine's console. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError


def reader(account, region=None):
    """A session of the reader role in an account."""
    role = f"arn:aws:iam::{account}:role/quell-reader"
    got = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="stranger")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], region_name=region)


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def pages(client, operation, list_name, **parameters):
    return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page[list_name]]


def organization(management, account):
    there = reader(management, "us-east-1").client("organizations")
    kind = {"Filter": "SERVICE_CONTROL_POLICY"}
    policies = pages(there, "list_policies", "Policies", **kind)
    on = pages(there, "list_policies_for_target", "Policies", TargetId=account, **kind)
    own = [p for p in on if not p["AwsManaged"]]
    texts = [there.describe_policy(PolicyId=p["Id"])["Policy"] for p in own]
    return {
        "root": [t["Status"] for r in pages(there, "list_roots", "Roots") for t in r["PolicyTypes"]],
        "policies": sorted(p["Name"] for p in policies),
        "on": sorted(p["Name"] for p in on),
        "effects": [s["Effect"] for t in texts for s in json.loads(t["Content"])["Statement"]],
        "targets": [t["TargetId"] for p in own for t in pages(there, "list_targets_for_policy", "Targets", PolicyId=p["Id"])],
        "no policy": code(there.describe_policy, PolicyId="p-00000000"),
        "reader creates": code(there.create_policy, Content="{}", Description="", Name="x", Type="SERVICE_CONTROL_POLICY"),
    }


def center(management, region, user):
    session = reader(management, region)
    sso, store = session.client("sso-admin"), session.client("identitystore")
    one = sso.list_instances()["Instances"][0]
    who = {"InstanceArn": one["InstanceArn"], "PrincipalId": user, "PrincipalType": "USER"}
    assigned = pages(sso, "list_account_assignments_for_principal", "AccountAssignments", **who)
    own = {"IdentityStoreId": one["IdentityStoreId"]}
    member = {**own, "MemberId": {"UserId": user}}
    groups = pages(store, "list_group_memberships_for_member", "GroupMemberships", **member)
    return {
        "name": store.describe_user(UserId=user, **own)["UserName"],
        "assignments": sorted([a["AccountId"], a["PrincipalType"]] for a in assigned),
        "groups": len(groups),
        "no user": code(store.describe_user, UserId="906712345a-99999999-3c61-4d8e-9a27-0b1c2d3e4f50", **own),
        "reader takes": code(store.delete_group_membership, MembershipId="906712345a-44444444-3c61-4d8e-9a27-0b1c2d3e4f50", **own),
    }


def console(account, region, instance):
    ec2 = reader(account, region).client("ec2")
    said = ec2.get_console_output(InstanceId=instance)
    return {
        "instance": said["InstanceId"],
        "output": said.get("Output"),
        "no instance": code(ec2.get_console_output, InstanceId="i-0123456789abcdef0"),
    }


COMMANDS = {f.__name__: f for f in (organization, center, console)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

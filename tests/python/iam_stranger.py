"""What boto3 reads of users and roles that quell has changed, and what it can do there itself. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"


def iam():
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{PROD}:role/quell-responder", RoleSessionName="stranger")
    keys = got["Credentials"]
    return boto3.client("iam", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def decision(client, source, **context):
    entries = [{"ContextKeyName": f"aws:{k}", "ContextKeyValues": [v], "ContextKeyType": "string"} for k, v in context.items()]
    pages = client.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=source, ActionNames=["s3:GetObject", "ec2:DescribeInstances", "iam:ListUsers"], ContextEntries=entries, MaxItems=2
    )
    return {r["EvalActionName"]: r["EvalDecision"] for p in pages for r in p["EvaluationResults"]}


def role(name):
    """A role as it stands: its policies, whom it trusts, its instance profiles, and what sessions of two ages may do."""
    client = iam()
    found = client.get_role(RoleName=name)["Role"]
    inline = client.list_role_policies(RoleName=name)["PolicyNames"]
    old, new = "2026-02-28T00:00:00Z", "2026-03-02T00:00:00Z"
    return {
        "inline": {n: client.get_role_policy(RoleName=name, PolicyName=n)["PolicyDocument"] for n in inline},
        "trust": found["AssumeRolePolicyDocument"],
        "profiles": [p["InstanceProfileName"] for p in client.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]],
        "old": decision(client, found["Arn"], TokenIssueTime=old),
        "new": decision(client, found["Arn"], TokenIssueTime=new),
    }


def by_hand(user, name):
    """Policies of a user and a role, changed and changed back, and the errors on the way."""
    client = iam()
    deny = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    managed = client.list_attached_user_policies(UserName=user)["AttachedPolicies"][0]["PolicyArn"]
    client.detach_user_policy(UserName=user, PolicyArn=managed)
    twice = code(client.detach_user_policy, UserName=user, PolicyArn=managed)
    client.attach_user_policy(UserName=user, PolicyArn=managed)
    client.put_role_policy(RoleName=name, PolicyName="by-hand", PolicyDocument=deny)
    denied = decision(client, client.get_role(RoleName=name)["Role"]["Arn"])
    client.delete_role_policy(RoleName=name, PolicyName="by-hand")
    return {
        "detached twice": twice,
        "denied": sorted(set(denied.values())),
        "deleted twice": code(client.delete_role_policy, RoleName=name, PolicyName="by-hand"),
        "unknown policy": code(client.attach_user_policy, UserName=user, PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy"),
        "malformed": code(client.put_role_policy, RoleName=name, PolicyName="bad", PolicyDocument="{}"),
        "bad trust": code(client.update_assume_role_policy, RoleName=name, PolicyDocument=deny),
        "too long": code(client.put_user_policy, UserName=user, PolicyName="long", PolicyDocument=deny.replace("Deny", "Deny\",\"Sid\":\"" + "x" * 2100)),
        "no password": code(client.get_login_profile, UserName=user),
        "no password to delete": code(client.delete_login_profile, UserName=user),
        "no such group": code(client.remove_user_from_group, UserName=user, GroupName="nobody"),
        "simulated nobody": code(
            client.simulate_principal_policy, PolicySourceArn=f"arn:aws:iam::{PROD}:role/nobody", ActionNames=["s3:GetObject"]
        ),
        "simulated nonsense": code(client.simulate_principal_policy, PolicySourceArn="x" * 20, ActionNames=["s3:GetObject"]),
    }


COMMANDS = {f.__name__: f for f in (role, by_hand)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

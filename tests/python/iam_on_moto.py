"""A user and a role in moto's other account, set up and read back through boto3. Each command prints JSON."""

import json
import sys

import boto3

OTHER = "333333333333"
ODD = '{ "Version":"2012-10-17",\n\t"Statement" : [ {"Effect":"Allow","Action":"ec2:*", "Resource":"*"} ] }'
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def iam():
    """IAM in the other account, as a role that moto needs not to exist."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/admin", RoleSessionName="setup")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"]).client("iam")


def make():
    client = iam()
    client.create_user(UserName="deploy-bot", Path="/team/")
    client.create_access_key(UserName="deploy-bot")
    second = client.create_access_key(UserName="deploy-bot")["AccessKey"]["AccessKeyId"]
    client.update_access_key(UserName="deploy-bot", AccessKeyId=second, Status="Inactive")
    client.create_login_profile(UserName="deploy-bot", Password="correct horse battery staple 1A!")
    client.put_user_policy(UserName="deploy-bot", PolicyName="odd", PolicyDocument=ODD)
    managed = client.create_policy(PolicyName="look", PolicyDocument=ODD)["Policy"]["Arn"]
    client.attach_user_policy(UserName="deploy-bot", PolicyArn=managed)
    client.create_group(GroupName="developers")
    client.add_user_to_group(GroupName="developers", UserName="deploy-bot")
    client.create_role(RoleName="pay", Path="/team/", AssumeRolePolicyDocument=json.dumps(TRUST))
    return {}


def show():
    client = iam()
    user = "deploy-bot"
    try:
        client.get_login_profile(UserName=user)
        login = True
    except client.exceptions.NoSuchEntityException:
        login = False
    inline = client.list_user_policies(UserName=user)["PolicyNames"]
    of_role = client.list_role_policies(RoleName="pay")["PolicyNames"]
    return {
        "keys": sorted(k["Status"] for k in client.list_access_keys(UserName=user)["AccessKeyMetadata"]),
        "login": login,
        # boto3 parses the document; what it says is what counts here.
        "inline": {n: client.get_user_policy(UserName=user, PolicyName=n)["PolicyDocument"] for n in inline},
        "managed": [p["PolicyArn"] for p in client.list_attached_user_policies(UserName=user)["AttachedPolicies"]],
        "groups": [g["GroupName"] for g in client.list_groups_for_user(UserName=user)["Groups"]],
        "role": {n: client.get_role_policy(RoleName="pay", PolicyName=n)["PolicyDocument"] for n in of_role},
        "trust": client.get_role(RoleName="pay")["Role"]["AssumeRolePolicyDocument"],
    }


COMMANDS = {f.__name__: f for f in (make, show)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

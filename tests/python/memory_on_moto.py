"""What the moto test of capture-memory sets up and reads back, through boto3. Each command prints JSON."""

import json
import sys

import boto3

OTHER = "333333333333"


def other_account():
    """A session in the other account, as a role that moto needs not to exist."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/admin", RoleSessionName="setup")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def make_bucket():
    other_account().client("s3").create_bucket(Bucket="acme-evidence")
    return "acme-evidence"


def show_command(command):
    found = other_account().client("ssm").list_commands(CommandId=command)["Commands"][0]
    return {
        "instances": found["InstanceIds"],
        "document": found["DocumentName"],
        "comment": found["Comment"],
        "timeout": found["TimeoutSeconds"],
        "lines": found["Parameters"]["commands"],
    }


COMMANDS = {f.__name__: f for f in (make_bucket, show_command)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

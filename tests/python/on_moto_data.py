"""Buckets and functions that the moto tests set up and read back, through boto3 alone. Each command prints JSON."""

import io
import json
import sys
import zipfile

import boto3
from botocore.exceptions import ClientError

OTHER = "333333333333"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
POLICY = """{"Version": "2012-10-17",
  "Statement": [{"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-exports/*"}]}"""


def there():
    """A session in the other account, as a role that moto needs not to exist."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/admin", RoleSessionName="setup")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def make_roles(*names):
    for name in names:
        there().client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def make_buckets():
    make_roles("quell-reader", "quell-responder")
    s3 = there().client("s3")
    for name in ("acme-exports", "acme-plain"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket="acme-exports", Policy=POLICY)
    half = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket="acme-exports", PublicAccessBlockConfiguration=half)
    return None


def show_bucket(name):
    s3 = there().client("s3")

    def read(call, key):
        try:
            return call(Bucket=name)[key]
        except ClientError as error:
            return error.response["Error"]["Code"]

    return {"policy": read(s3.get_bucket_policy, "Policy"), "block": read(s3.get_public_access_block, "PublicAccessBlockConfiguration")}


def make_functions():
    make_roles("worker")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    client = there().client("lambda")
    for name in ("resize", "limited"):
        client.create_function(
            FunctionName=name, Runtime="python3.13", Role=f"arn:aws:iam::{OTHER}:role/worker", Handler="index.handler", Code={"ZipFile": code.getvalue()}
        )
    client.put_function_concurrency(FunctionName="limited", ReservedConcurrentExecutions=5)
    return None


def show_function(name):
    return there().client("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")


COMMANDS = {f.__name__: f for f in (make_buckets, show_bucket, make_functions, show_function)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

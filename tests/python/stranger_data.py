"""A stranger's look at S3 and Lambda, with boto3 alone. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"
SEOUL = "ap-northeast-2"


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def objects():
    """Makes a bucket, keeps bytes in it and reads them back."""
    s3 = boto3.client("s3")
    location = {"LocationConstraint": SEOUL}
    s3.create_bucket(Bucket="acme-evidence-kept", CreateBucketConfiguration=location)
    content = bytes(range(256)) * 4
    put = s3.put_object(Bucket="acme-evidence-kept", Key="INC-7/memory image.lime", Body=content, Metadata={"case": "INC-7"}, ContentType="application/zip")
    got = s3.get_object(Bucket="acme-evidence-kept", Key="INC-7/memory image.lime")
    head = s3.head_object(Bucket="acme-evidence-kept", Key="INC-7/memory image.lime")
    part = s3.get_object(Bucket="acme-evidence-kept", Key="INC-7/memory image.lime", Range="bytes=1-3")
    for n in range(5):
        s3.put_object(Bucket="acme-evidence-kept", Key=f"manifest/{n}.json", Body=json.dumps({"n": n}))
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="acme-evidence-kept", PaginationConfig={"PageSize": 2}))
    s3.delete_object(Bucket="acme-evidence-kept", Key="manifest/4.json")
    return {
        "same": got["Body"].read() == content,
        "etag": put["ETag"] == head["ETag"] == got["ETag"],
        "metadata": head["Metadata"],
        "type": head["ContentType"],
        "length": head["ContentLength"],
        "part": list(part["Body"].read()),
        "pages": [len(p["Contents"]) for p in pages],
        "keys": [o["Key"] for o in s3.list_objects_v2(Bucket="acme-evidence-kept", Prefix="manifest/")["Contents"]],
        "mine": [b["Name"] for b in s3.list_buckets(Prefix="acme-e")["Buckets"]],
        "region": s3.list_buckets(Prefix="acme-evidence-kept")["Buckets"][0]["BucketRegion"],
        "no key": code(s3.get_object, Bucket="acme-evidence-kept", Key="nothing"),
        "no bucket": code(s3.get_object, Bucket="acme-nothing", Key="nothing"),
        "again": code(s3.create_bucket, Bucket="acme-evidence-kept", CreateBucketConfiguration=location),
        "taken": code(s3.create_bucket, Bucket="acme-billing", CreateBucketConfiguration=location),
        "not empty": code(s3.delete_bucket, Bucket="acme-evidence-kept"),
    }


def settings(bucket):
    """What a bucket is set to, or the error for each setting that is not there."""
    s3 = boto3.client("s3")

    def read(call, key):
        try:
            return call(Bucket=bucket).get(key)
        except ClientError as error:
            return error.response["Error"]["Code"]

    return {
        "location": read(s3.get_bucket_location, "LocationConstraint"),
        "policy": read(s3.get_bucket_policy, "Policy"),
        "status": read(s3.get_bucket_policy_status, "PolicyStatus"),
        "block": read(s3.get_public_access_block, "PublicAccessBlockConfiguration"),
        "grants": read(s3.get_bucket_acl, "Grants"),
        "website": read(s3.get_bucket_website, "IndexDocument"),
        "replication": read(s3.get_bucket_replication, "ReplicationConfiguration"),
        "versioning": read(s3.get_bucket_versioning, "Status"),
        "lock": read(s3.get_object_lock_configuration, "ObjectLockConfiguration"),
        "logging": read(s3.get_bucket_logging, "LoggingEnabled"),
        "object": code(s3.get_object, Bucket=bucket, Key="2026/03/customers.csv"),
        "head": code(s3.head_bucket, Bucket=bucket),
    }


def elsewhere():
    """What S3 says of a bucket that is not here, to a client that does not follow, and to one that does."""
    s3 = boto3.client("s3")
    follows = s3.head_bucket(Bucket="acme-virginia")["BucketRegion"]
    return {
        "follows": follows,
        "owner": code(s3.head_bucket, Bucket="acme-plain", ExpectedBucketOwner="111111111111"),
        "foreign": code(s3.get_object, Bucket="acme-billing", Key="x"),
        "bad policy": code(s3.put_bucket_policy, Bucket="acme-plain", Policy="{}"),
        "other bucket": code(
            s3.put_bucket_policy,
            Bucket="acme-plain",
            Policy=json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-shut"}}),
        ),
        "blocked": code(
            s3.put_bucket_policy,
            Bucket="acme-shut",
            Policy=json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::acme-shut"}}),
        ),
    }


def functions():
    client = boto3.client("lambda")
    names = [f["FunctionName"] for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}) for f in page["Functions"]]
    return {
        "names": names,
        "reserved": {n: client.get_function_concurrency(FunctionName=n).get("ReservedConcurrentExecutions") for n in names},
        "role": client.get_function_configuration(FunctionName="resize")["Role"],
        "urls": sorted(u["AuthType"] for u in client.list_function_url_configs(FunctionName="resize")["FunctionUrlConfigs"]),
        "sources": [m["EventSourceArn"] for m in client.list_event_source_mappings(FunctionName="resize")["EventSourceMappings"]],
        "policy": code(client.get_policy, FunctionName="limited"),
        "missing": code(client.get_function, FunctionName="nothing"),
        "too much": code(client.put_function_concurrency, FunctionName="resize", ReservedConcurrentExecutions=950),
        "too little": code(client.put_function_concurrency, FunctionName="ready", ReservedConcurrentExecutions=0),
    }


COMMANDS = {f.__name__: f for f in (objects, settings, elsewhere, functions)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

"""What boto3 reads of snapshots that quell handed over, and what AWS's rules let it do with them. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"


def reader():
    """A session of the reader in the production account."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{PROD}:role/quell-reader", RoleSessionName="stranger")
    keys = got["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def code(call, **parameters):
    """The error that a call ends with."""
    try:
        call(**parameters)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "no error"


def of(ec2, instance):
    filters = [{"Name": "tag:quell:instance", "Values": [instance]}]
    pages = ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=filters, PaginationConfig={"PageSize": 5})
    return [s for page in pages for s in page["Snapshots"]]


def tags(resource):
    return {t["Key"]: t["Value"] for t in resource.get("Tags", [])}


def shares(ec2, snapshot):
    answer = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return [p["UserId"] for p in answer["CreateVolumePermissions"]]


def kept(instance, key):
    session = reader()
    ec2, kms = session.client("ec2"), session.client("kms")
    all_of = of(ec2, instance)
    copies = [s for s in all_of if "quell:copy-of" in tags(s)]
    ids = [s["SnapshotId"] for s in copies]
    locks = ec2.describe_locked_snapshots(SnapshotIds=ids)["Snapshots"]
    grants = kms.list_grants(KeyId=key, GranteePrincipal="arn:aws:iam::444455556666:root")["Grants"]
    share = {"Attribute": "createVolumePermission", "OperationType": "add", "UserIds": [PROD]}
    return {
        "taken": len(all_of) - len(copies),
        "keys": sorted({s["KmsKeyId"] for s in copies if s["Encrypted"] and s["State"] == "completed"}),
        "shared": [shares(ec2, i) for i in ids],
        "locks": [[lock["LockState"], lock["LockDuration"]] for lock in locks],
        "devices": sorted(tags(s)["quell:device"] for s in copies),
        "grants": [[g["GranteePrincipal"], len(g["Operations"]), g["Name"]] for g in grants],
        "reader shares": code(ec2.modify_snapshot_attribute, SnapshotId=ids[0], **share),
        "reader locks": code(ec2.lock_snapshot, SnapshotId=ids[0], LockMode="governance", LockDuration=1),
        "reader grants": code(kms.create_grant, KeyId=key, GranteePrincipal=f"arn:aws:iam::{PROD}:root", Operations=["Decrypt"]),
    }


def rules(instance, key, default):
    ec2 = boto3.client("ec2")
    taken = next(s["SnapshotId"] for s in of(ec2, instance) if "quell:copy-of" not in tags(s))
    copying = {"SourceSnapshotId": taken, "SourceRegion": "ap-northeast-2"}
    new = ec2.copy_snapshot(**copying)["SnapshotId"]
    # Without a key of its own, an encrypted copy is under aws/ebs.
    under_default = ec2.copy_snapshot(**copying, Encrypted=True)["SnapshotId"]
    nowhere = default[:-12] + "000000000000"
    bad = ec2.copy_snapshot(**copying, Encrypted=True, KmsKeyId=nowhere)["SnapshotId"]
    modify = lambda **how: code(ec2.modify_snapshot_attribute, Attribute="createVolumePermission", **how)
    add = {"OperationType": "add", "UserIds": ["111122223333"]}
    found = {
        "under way": code(ec2.copy_snapshot, SourceSnapshotId=new, SourceRegion="ap-northeast-2"),
        "unknown": code(ec2.copy_snapshot, SourceSnapshotId="snap-0123456789abcdef0", SourceRegion="ap-northeast-2"),
        "key without encryption": code(ec2.copy_snapshot, **copying, KmsKeyId=nowhere),
        "without leave for the key": code(ec2.copy_snapshot, **copying, Encrypted=True, KmsKeyId=key),
        "bad key": ec2.describe_snapshots(SnapshotIds=[bad])["Snapshots"][0]["State"],
        "share default": modify(SnapshotId=under_default, **add),
        "share with all": modify(SnapshotId=taken, OperationType="add", GroupNames=["all"]),
        "share with nobody": modify(SnapshotId=taken),
        "share with a name": modify(SnapshotId=taken, OperationType="add", UserIds=["somebody"]),
    }
    modify(SnapshotId=taken, CreateVolumePermission={"Add": [{"UserId": "111122223333"}]})
    found["shared"] = shares(ec2, taken)
    modify(SnapshotId=taken, OperationType="remove", UserIds=["111122223333"])
    found["unshared"] = shares(ec2, taken)
    lock = lambda **how: code(ec2.lock_snapshot, SnapshotId=taken, **how)
    found["no days"] = lock(LockMode="governance")
    found["too many days"] = lock(LockMode="governance", LockDuration=36501)
    found["bad mode"] = lock(LockMode="eternal", LockDuration=1)
    found["dry run"] = lock(LockMode="governance", LockDuration=1, DryRun=True)
    made = ec2.lock_snapshot(SnapshotId=taken, LockMode="compliance", LockDuration=10, CoolOffPeriod=1)
    found["cooling off"] = made["LockState"]
    by_state = [{"Name": "lock-state", "Values": ["compliance-cooloff"]}]
    found["by state"] = len(ec2.describe_locked_snapshots(Filters=by_state)["Snapshots"])
    found["unlocked"] = code(ec2.unlock_snapshot, SnapshotId=taken)
    found["not locked"] = code(ec2.unlock_snapshot, SnapshotId=taken)
    found["for good"] = ec2.lock_snapshot(SnapshotId=taken, LockMode="compliance", LockDuration=10)["LockState"]
    found["unlock for good"] = code(ec2.unlock_snapshot, SnapshotId=taken)
    found["shorten"] = lock(LockMode="compliance", LockDuration=5)
    found["lengthen"] = ec2.lock_snapshot(SnapshotId=taken, LockMode="compliance", LockDuration=20)["LockDuration"]
    return found


COMMANDS = {f.__name__: f for f in (kept, rules)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

"""What boto3 reads of keys, databases and secrets that quell has changed, and of who changed them. Each command prints JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

PROD = "333333333333"


def there():
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


def pages(client, operation, list_name, **parameters):
    return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page[list_name]]


def kept(key, database, cluster, secret):
    session = there()
    kms, rds, secrets, trail = (session.client(name) for name in ("kms", "rds", "secretsmanager", "cloudtrail"))
    metadata = kms.describe_key(KeyId=f"alias/{key}")["KeyMetadata"]
    own = {"KeyId": metadata["KeyId"]}
    one = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]
    many = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
    members = pages(rds, "describe_db_instances", "DBInstances", Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
    snapshots = pages(rds, "describe_db_snapshots", "DBSnapshots")
    described = secrets.describe_secret(SecretId=secret)
    by_name = [{"AttributeKey": "ResourceName", "AttributeValue": metadata["Arn"]}]
    changes = [e for e in pages(trail, "lookup_events", "Events", LookupAttributes=by_name) if e["ReadOnly"] == "false"]
    return {
        "key": metadata["KeyState"],
        "aliases": [a["AliasName"] for a in pages(kms, "list_aliases", "Aliases", **own)],
        "grantees": [g["GranteePrincipal"] for g in pages(kms, "list_grants", "Grants", **own)],
        "policy": json.loads(kms.get_key_policy(**own)["Policy"])["Version"],
        "groups": [g["VpcSecurityGroupId"] for g in one["VpcSecurityGroups"]],
        "public": one["PubliclyAccessible"],
        "members": sorted(m["DBInstanceIdentifier"] for m in many["DBClusterMembers"]),
        "members by filter": sorted(m["DBInstanceIdentifier"] for m in members),
        "snapshots": [[s["DBInstanceIdentifier"], {t["Key"]: t["Value"] for t in s["TagList"]}["quell:incident"]] for s in snapshots],
        "stages": sorted(s for stages in described["VersionIdsToStages"].values() for s in stages),
        "secrets": [s["Name"] for s in pages(secrets, "list_secrets", "SecretList", PaginationConfig={"PageSize": 2})],
        "changes": [[e["EventName"], e["Username"], json.loads(e["CloudTrailEvent"])["userIdentity"]["type"]] for e in changes],
        "no key": code(kms.describe_key, KeyId="alias/none"),
        "no database": code(rds.describe_db_instances, DBInstanceIdentifier="none"),
        "no cluster": code(rds.describe_db_clusters, DBClusterIdentifier="none"),
        "no secret": code(secrets.describe_secret, SecretId="none"),
        "two attributes": code(trail.lookup_events, LookupAttributes=by_name * 2),
        "reader disables": code(kms.disable_key, **own),
        "reader modifies": code(rds.modify_db_instance, DBInstanceIdentifier=database, PubliclyAccessible=True),
        "reader rotates": code(secrets.rotate_secret, SecretId=secret),
        "reader reads": code(secrets.get_secret_value, SecretId=secret),
    }


COMMANDS = {f.__name__: f for f in (kept,)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

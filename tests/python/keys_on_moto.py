"""A key, databases and a secret in moto's other account, set up and read back through boto3. Each command prints JSON."""

import json
import sys

import boto3

OTHER = "333333333333"


def other_account():
    """A session in the other account, as a role that moto needs not to exist."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/admin", RoleSessionName="setup")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def make():
    session = other_account()
    ec2, rds, kms = (session.client(name) for name in ("ec2", "rds", "kms"))
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    group = ec2.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]
    rds.create_db_subnet_group(DBSubnetGroupName="inside", DBSubnetGroupDescription="inside", SubnetIds=subnets)
    common = {"DBSubnetGroupName": "inside", "VpcSecurityGroupIds": [group]}
    rds.create_db_instance(
        DBInstanceIdentifier="payments-db", DBInstanceClass="db.m6g.large", Engine="postgres", AllocatedStorage=20,
        MasterUsername="postgres", MasterUserPassword="correct-horse", PubliclyAccessible=True, **common,
    )
    rds.create_db_cluster(
        DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="postgres", MasterUserPassword="correct-horse", **common,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="ledger-1", DBInstanceClass="db.r6g.large", Engine="aurora-postgresql", DBClusterIdentifier="ledger",
        PubliclyAccessible=True, DBSubnetGroupName="inside",
    )
    key = kms.create_key(Description="payments")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
    secrets = session.client("secretsmanager")
    secrets.create_secret(Name="payments/db", SecretString="hush")
    secrets.rotate_secret(SecretId="payments/db", RotationRules={"AutomaticallyAfterDays": 30})
    return {"key": key, "group": group}


def show():
    session = other_account()
    rds, secrets = session.client("rds"), session.client("secretsmanager")
    groups = lambda database: [g["VpcSecurityGroupId"] for g in database["VpcSecurityGroups"]]
    instances = {i["DBInstanceIdentifier"]: [groups(i), i["PubliclyAccessible"]] for i in rds.describe_db_instances()["DBInstances"]}
    clusters = {c["DBClusterIdentifier"]: groups(c) for c in rds.describe_db_clusters()["DBClusters"]}
    snapshots = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    cluster_snapshots = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    return {
        "key": session.client("kms").describe_key(KeyId="alias/payments")["KeyMetadata"]["KeyState"],
        "instances": instances,
        "clusters": clusters,
        "snapshots": [s["DBInstanceIdentifier"] for s in snapshots] + [s["DBClusterIdentifier"] for s in cluster_snapshots],
        "versions": len(secrets.describe_secret(SecretId="payments/db")["VersionIdsToStages"]),
    }


def make_key():
    return other_account().client("kms").create_key(Description="forensics")["KeyMetadata"]["Arn"]


def show_copies(key):
    """The copies of snapshots, the keys they are under, whom they are shared with, and who has grants on the key."""
    ec2, kms = (other_account().client(name) for name in ("ec2", "kms"))
    tagged = [{"Name": "tag-key", "Values": ["quell:copy-of"]}]
    copies = ec2.describe_snapshots(OwnerIds=["self"], Filters=tagged)["Snapshots"]
    attribute = lambda s: ec2.describe_snapshot_attribute(SnapshotId=s["SnapshotId"], Attribute="createVolumePermission")
    return {
        "copies": len(copies),
        "keys": sorted({s["KmsKeyId"] for s in copies}),
        "shared": [p["UserId"] for s in copies for p in attribute(s)["CreateVolumePermissions"]],
        "grants": [[g["GranteePrincipal"], len(g["Operations"])] for g in kms.list_grants(KeyId=key)["Grants"]],
    }


COMMANDS = {f.__name__: f for f in (make, show, make_key, show_copies)}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

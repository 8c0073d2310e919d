"""What the moto tests set up and read back, through boto3: nothing here goes through quell. Each command prints JSON."""

import json
import sys

import boto3

OTHER = "333333333333"


def other_account():
    """A session in the other account, as a role that moto needs not to exist."""
    got = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/admin", RoleSessionName="setup")["Credentials"]
    return boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def tags(resource):
    return {t["Key"]: t["Value"] for t in resource.get("Tags", [])}


def make_instance():
    ec2 = other_account().client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    groups = [ec2.create_security_group(GroupName=n, Description=n, VpcId=vpc)["GroupId"] for n in ("web", "admin", "db")]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(
        ImageId=image,
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {"DeviceIndex": 0, "SubnetId": subnets[0], "Groups": groups[:2]},
            {"DeviceIndex": 1, "SubnetId": subnets[1], "Groups": groups[2:]},
        ],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Owner", "Value": "payments"}, {"Key": "quell:state", "Value": "seen"}]}
        ],
    )["Instances"][0]["InstanceId"]
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=50)["VolumeId"]
    ec2.attach_volume(InstanceId=instance, VolumeId=volume, Device="/dev/sdf")
    return {"instance": instance, "groups": groups}


def show_instance(instance):
    ec2 = other_account().client("ec2")
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])
    groups = {g["GroupId"]: g for g in ec2.describe_security_groups()["SecurityGroups"]}
    protection = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
    snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    volumes = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    return {
        "tags": tags(found),
        "protected": protection["DisableApiTermination"]["Value"],
        "interfaces": {i["NetworkInterfaceId"]: sorted(g["GroupId"] for g in i["Groups"]) for i in interfaces["NetworkInterfaces"]},
        "rules": {k: len(g["IpPermissions"]) + len(g["IpPermissionsEgress"]) for k, g in groups.items()},
        "volumes": sorted(v["VolumeId"] for v in volumes),
        "snapshots": {s["VolumeId"]: tags(s) for s in snapshots if "quell:incident" in tags(s) or "quell:device" in tags(s)},
    }


def make_fleet():
    """An instance in an Auto Scaling group and a target group, with an Elastic IP and a profile, in a subnet of its own."""
    there = other_account()
    ec2, scaling, elb, iam = (there.client(n) for n in ("ec2", "autoscaling", "elbv2", "iam"))
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
    for name in ("web", "quarantine"):
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    image = ec2.describe_images()["Images"][0]["ImageId"]
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="m5.large")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=1, MaxSize=3, DesiredCapacity=1, VPCZoneIdentifier=subnet
    )
    instance = scaling.describe_auto_scaling_instances()["AutoScalingInstances"][0]["InstanceId"]
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": instance, "Port": 80}])
    eni = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=instance)
    ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "web"})
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][0]
    waf = there.client("wafv2")
    waf.create_ip_set(Name="blocked", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["198.51.100.0/24"])
    return {"instance": instance, "acl": acl["NetworkAclId"], "subnet": subnet, "eni": eni["NetworkInterfaceId"], "group": group}


def show_fleet(instance, subnet, group):
    there = other_account()
    ec2, scaling, elb, waf = (there.client(n) for n in ("ec2", "autoscaling", "elbv2", "wafv2"))
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    groups = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    members = scaling.describe_auto_scaling_instances(InstanceIds=[instance])["AutoScalingInstances"]
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][0]
    targets = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    profiles = ec2.describe_iam_instance_profile_associations(Filters=[{"Name": "instance-id", "Values": [instance]}])
    held = waf.list_ip_sets(Scope="REGIONAL")["IPSets"][0]
    blocked = waf.get_ip_set(Name="blocked", Scope="REGIONAL", Id=held["Id"])["IPSet"]
    volumes = [m["Ebs"]["DeleteOnTermination"] for m in found["BlockDeviceMappings"]]
    return {
        "state": found["State"]["Name"],
        "scaling": [groups["MinSize"], groups["DesiredCapacity"], [m["LifecycleState"] for m in members]],
        "targets": [t["Target"]["Id"] for t in targets if t["TargetHealth"]["State"] not in ("draining", "unused")],
        "addresses": len([a for a in ec2.describe_addresses()["Addresses"] if a.get("AssociationId")]),
        "acl": acl["NetworkAclId"],
        "entries": sorted([e["Egress"], e["RuleNumber"], e["RuleAction"], e.get("CidrBlock")] for e in acl["Entries"]),
        "profile": [a["IamInstanceProfile"]["Arn"].split("/")[-1] for a in profiles["IamInstanceProfileAssociations"]],
        "blocked": sorted(blocked["Addresses"]),
        "volumes": volumes,
    }


def make_loner():
    """An instance without a profile, and the endpoints of Systems Manager in its network."""
    there = other_account()
    ec2, iam = there.client("ec2"), there.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    iam.create_instance_profile(InstanceProfileName="quarantine")
    iam.create_role(RoleName="quarantine", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    iam.add_role_to_instance_profile(InstanceProfileName="quarantine", RoleName="quarantine")
    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpc)["GroupId"]
    for service in ("ssm", "ssmmessages", "ec2messages"):
        ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=vpc,
            ServiceName=f"com.amazonaws.us-east-1.{service}",
            SubnetIds=[subnet],
            SecurityGroupIds=[group],
        )
    instance = ec2.run_instances(
        ImageId=ec2.describe_images()["Images"][0]["ImageId"],
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
    )["Instances"][0]["InstanceId"]
    return {"instance": instance, "group": group}


def show_loner(instance):
    ec2 = other_account().client("ec2")
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    groups = [g["GroupId"] for i in found["NetworkInterfaces"] for g in i["Groups"]]
    rules = ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]
    profiles = ec2.describe_iam_instance_profile_associations(Filters=[{"Name": "instance-id", "Values": [instance]}])
    return {
        "ways out": [[r["FromPort"], [p["GroupId"] for p in r["UserIdGroupPairs"]]] for g in rules for r in g["IpPermissionsEgress"] if r["IpProtocol"] != "-1"],
        "all": [r["IpProtocol"] for g in rules for r in g["IpPermissionsEgress"] if r["IpProtocol"] == "-1"],
        "profile": [a["IamInstanceProfile"]["Arn"].split("/")[-1] for a in profiles["IamInstanceProfileAssociations"]],
    }


def make_key():
    iam = other_account().client("iam")
    iam.create_user(UserName="deploy-bot")
    return iam.create_access_key(UserName="deploy-bot")["AccessKey"]["AccessKeyId"]


def show_keys():
    keys = other_account().client("iam").list_access_keys(UserName="deploy-bot")["AccessKeyMetadata"]
    return {k["AccessKeyId"]: k["Status"] for k in keys}


def make_topic():
    there = other_account()
    topic = there.client("sns").create_topic(Name="incidents")["TopicArn"]
    queue = there.client("sqs").create_queue(QueueName="incidents")["QueueUrl"]
    arn = there.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    there.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return {"topic": topic, "queue": queue}


def read_queue(queue):
    messages = other_account().client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(m["Body"]) for m in messages]


def import_findings():
    """A few findings in each account, more than a page of them in the other one."""
    made = {}
    for account, session, count in (("123456789012", boto3.Session(), 3), (OTHER, other_account(), 130)):
        hub = session.client("securityhub")
        hub.enable_security_hub()
        arn = f"arn:aws:securityhub:us-east-1:{account}:product/{account}/default"
        findings = [
            {
                "SchemaVersion": "2018-10-08",
                "Id": f"arn:aws:securityhub:us-east-1:{account}:finding/{n:03}",
                "ProductArn": arn,
                "GeneratorId": "test",
                "AwsAccountId": account,
                "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
                "CreatedAt": "2026-03-01T00:00:00Z",
                "UpdatedAt": f"2026-03-01T00:{n // 60:02}:{n % 60:02}Z",
                "Severity": {"Label": ["CRITICAL", "HIGH", "MEDIUM", "LOW"][n % 4]},
                "Title": f"Finding {n} of {account}",
                "Description": "Imported by a test.",
                "Resources": [{"Type": "AwsEc2Instance", "Id": f"arn:aws:ec2:us-east-1:{account}:instance/i-{n:017x}"}],
            }
            for n in range(count)
        ]
        for start in range(0, count, 100):
            answer = hub.batch_import_findings(Findings=findings[start : start + 100])
            assert answer["FailedCount"] == 0, answer
        made[account] = [f["Id"] for f in findings]
    return made


def make_events():
    """A rule that sends every event to a queue, and events on the bus; what EventBridge alone may send is put into the queue."""
    bus, sqs = boto3.client("events"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="quell-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus.put_rule(Name="all", EventPattern=json.dumps({"source": [{"prefix": "acme."}]}))
    bus.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])
    for number in range(12):
        detail = json.dumps({"title": f"Outage {number}", "severity": "high", "id": f"o-{number % 11}"})
        put = bus.put_events(Entries=[{"Source": "acme.pay", "DetailType": "Outage", "Detail": detail}])
        assert put["FailedEntryCount"] == 0, put
    finding = {"id": "gd-1", "accountId": OTHER, "region": "us-east-1", "type": "Recon:EC2/Portscan", "severity": 5, "title": "scan"}
    event = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "account": OTHER, "region": "us-east-1", "detail": finding}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
    sqs.send_message(QueueUrl=queue, MessageBody="somebody typed this")
    return {"queue": queue, "arn": arn}


def count_messages(queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def make_organization():
    """Twenty-five members, which is more than a page, and a delegated administrator for GuardDuty among them."""
    client = boto3.client("organizations")
    own = client.create_organization(FeatureSet="ALL")["Organization"]["MasterAccountId"]
    names = ["security"] + [f"member-{n}" for n in range(24)]
    made = [client.create_account(AccountName=n, Email=f"{n}@acme.example")["CreateAccountStatus"]["AccountId"] for n in names]
    client.register_delegated_administrator(AccountId=made[0], ServicePrincipal="guardduty.amazonaws.com")
    return {"accounts": [own, *made], "security": made[0]}


def make_member():
    """An organisation with service control policies and one member."""
    client = boto3.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    made = client.create_account(AccountName="stage", Email="stage@acme.example")["CreateAccountStatus"]["AccountId"]
    return {"member": made, "root": root}


def show_policies(target):
    """The texts of the policies on a target, and the names of all there are."""
    client = boto3.client("organizations")
    on = client.list_policies_for_target(TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    everything = client.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    texts = [client.describe_policy(PolicyId=p["Id"])["Policy"]["Content"] for p in on]
    return {"on": sorted(texts), "all": sorted(p["Name"] for p in everything)}


def make_identity_user():
    """A user with an assignment of its own and a group, in an organisation."""
    made = make_member()
    center, store = boto3.client("sso-admin"), boto3.client("identitystore")
    instance = center.list_instances()["Instances"][0]
    ids = {"IdentityStoreId": instance["IdentityStoreId"]}
    name = {"GivenName": "Ann", "FamilyName": "Ray"}
    user = store.create_user(**ids, UserName="ann", DisplayName="Ann Ray", Name=name)["UserId"]
    group = store.create_group(**ids, DisplayName="ops")["GroupId"]
    store.create_group_membership(**ids, GroupId=group, MemberId={"UserId": user})
    arn = {"InstanceArn": instance["InstanceArn"]}
    permissions = center.create_permission_set(**arn, Name="admin")["PermissionSet"]["PermissionSetArn"]
    principal = {"PrincipalType": "USER", "PrincipalId": user}
    center.create_account_assignment(
        **arn, **principal, TargetId=made["member"], TargetType="AWS_ACCOUNT", PermissionSetArn=permissions
    )
    return {"user": user}


def show_identity_user(user):
    center, store = boto3.client("sso-admin"), boto3.client("identitystore")
    instance = center.list_instances()["Instances"][0]
    found = center.list_account_assignments_for_principal(
        InstanceArn=instance["InstanceArn"], PrincipalId=user, PrincipalType="USER"
    )["AccountAssignments"]
    groups = store.list_group_memberships_for_member(IdentityStoreId=instance["IdentityStoreId"], MemberId={"UserId": user})
    return {
        "assignments": sorted([a["AccountId"], a["PermissionSetArn"]] for a in found),
        "groups": sorted(m["GroupId"] for m in groups["GroupMemberships"]),
        "policies": show_policies(boto3.client("organizations").list_roots()["Roots"][0]["Id"]),
    }


COMMANDS = {
    f.__name__: f
    for f in (
        make_organization,
        make_instance,
        show_instance,
        make_fleet,
        show_fleet,
        make_loner,
        show_loner,
        make_key,
        show_keys,
        make_topic,
        read_queue,
        import_findings,
        make_events,
        count_messages,
        make_member,
        show_policies,
        make_identity_user,
        show_identity_user,
    )
}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))

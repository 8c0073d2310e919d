"""Gives a moto server 1,000 instances."""

import boto3

boto3.client("ec2").run_instances(ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=1000, MaxCount=1000)

"""The same work as quell's feed, by a good boto3 thread pool.

    feed_boto3.py region REGIONS ADMINISTRATOR     one thread a region, one after the other: list, get, hub
    feed_boto3.py wide REGIONS ADMINISTRATOR       both services at once, gets run while the next page is listed
    feed_boto3.py accounts REGIONS                 every account of the organisation by AssumeRole, 256 threads

Prints `critical` as soon as a critical finding was read, and at the end one line of JSON with what was read.
"""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGIONS = sys.argv[2].split(",")
READER = "quell-reader"
CONFIG = Config(max_pool_connections=64, retries={"mode": "standard", "max_attempts": 10})
BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low"))

lock = threading.Lock()
making = threading.Lock()
seen = False
calls = 0
# service -> place -> band -> how many
read = {"guardduty": {}, "securityhub": {}}
ids = {"guardduty": set(), "securityhub": set()}
# Whoever reads findings wants to look at them afterwards, so they are kept.
kept = []


def took(service, place, findings, scores, names):
    global seen
    with lock:
        bands = read[service].setdefault(place, {})
        for score in scores:
            band = next(name for least, name in BANDS if score >= least)
            bands[band] = bands.get(band, 0) + 1
        ids[service].update(names)
        kept.extend(findings)
        if not seen and any(score >= 9.0 for score in scores):
            seen = True
            print("critical", flush=True)


def called():
    global calls
    with lock:
        calls += 1


def client(service, region, keys=None):
    # Making clients is not safe in several threads of one session (boto3 guide, "Multithreading").
    with making:
        return boto3.client(service, region_name=region, config=CONFIG, **(keys or {}))


def detectors(guardduty):
    called()
    return guardduty.list_detectors()["DetectorIds"]


def pages(guardduty, detector):
    token = ""
    while True:
        called()
        page = guardduty.list_findings(
            DetectorId=detector,
            MaxResults=50,
            NextToken=token,
            SortCriteria={"AttributeName": "severity", "OrderBy": "DESC"},
        )
        if page["FindingIds"]:
            yield page["FindingIds"]
        token = page.get("NextToken", "")
        if not token:
            return


def get(guardduty, detector, wanted, place):
    called()
    found = guardduty.get_findings(DetectorId=detector, FindingIds=wanted)["Findings"]
    took("guardduty", place, found, [f["Severity"] for f in found], [f["Id"] for f in found])


def hub(securityhub, place):
    token = {}
    while True:
        called()
        try:
            page = securityhub.get_findings(
                MaxResults=100, SortCriteria=[{"Field": "SeverityNormalized", "SortOrder": "desc"}], **token
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidAccessException":
                return
            raise
        found = page["Findings"]
        scores = [f["Severity"].get("Normalized", 0) / 10 for f in found]
        took("securityhub", place, found, scores, [f["Id"] for f in found])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def region(name):
    guardduty = client("guardduty", name, KEYS)
    for detector in detectors(guardduty):
        for wanted in pages(guardduty, detector):
            get(guardduty, detector, wanted, name)
    hub(client("securityhub", name, KEYS), name)


def wide(pool, name, keys=None, place=None):
    """Both services of one place at once; each page of ids is fetched while the next is listed."""
    place = place or name

    def guards():
        guardduty = client("guardduty", name, keys)
        gets = []
        for detector in detectors(guardduty):
            for wanted in pages(guardduty, detector):
                gets.append(getters.submit(get, guardduty, detector, wanted, place))
        for one in gets:
            one.result()

    return [pool.submit(guards), pool.submit(lambda: hub(client("securityhub", name, keys), place))]


def accounts(pool):
    organizations, sts = client("organizations", REGIONS[0]), client("sts", REGIONS[0])
    token, futures, opening = {}, [], []

    def account(number):
        called()
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{number}:role/{READER}", RoleSessionName="bench")["Credentials"]
        keys = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
        return [f for name in REGIONS for f in wide(pool, name, keys, f"{number} {name}")]

    while True:
        called()
        page = organizations.list_accounts(**token)
        opening += [pool.submit(account, a["Id"]) for a in page["Accounts"]]
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    for opened in opening:
        futures += opened.result()
    for future in futures:
        future.result()


def reader(account):
    called()
    role = f"arn:aws:iam::{account}:role/{READER}"
    keys = client("sts", REGIONS[0]).assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


how = sys.argv[1]
# The caller may do nothing but assume the administrator's reader role, as quell does.
KEYS = reader(sys.argv[3]) if len(sys.argv) > 3 else None
if how == "region":
    with ThreadPoolExecutor(len(REGIONS)) as pool:
        list(pool.map(region, REGIONS))
elif how == "wide":
    with ThreadPoolExecutor(128) as getters, ThreadPoolExecutor(2 * len(REGIONS)) as pool:
        for future in [f for name in REGIONS for f in wide(pool, name, KEYS)]:
            future.result()
elif how == "accounts":
    with ThreadPoolExecutor(64) as getters, ThreadPoolExecutor(256) as pool:
        accounts(pool)
else:
    sys.exit(__doc__)

print(json.dumps({"calls": calls, "read": read, "ids": {k: sorted(v) for k, v in ids.items()}}), flush=True)

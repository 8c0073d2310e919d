#!/bin/sh
# The same work as quell's feed, by the AWS CLI under xargs: one process a region and service, then one process for each 50 ids.
#
#   feed_cli.sh all OUT "REGION REGION …" ROLE
#
# OUT is a directory for what is read. Says `critical` when the first output that holds a critical finding has been written.
set -eu
verb=$1
out=$2

said() {
    if grep -qE '"Severity": (9|10)|"Label": "CRITICAL"' "$1"; then echo critical; fi
}

case $verb in
all)
    mkdir -p "$out"
    # shellcheck disable=SC2046 # The three words are three arguments.
    set -- "$@" $(aws sts assume-role --role-arn "$4" --role-session-name bench --output text \
        --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')
    export AWS_ACCESS_KEY_ID="$5" AWS_SECRET_ACCESS_KEY="$6" AWS_SESSION_TOKEN="$7"
    for region in $3; do echo "hub $out $region"; echo "list $out $region"; done | xargs -P 34 -L 1 sh "$0"
    cat "$out"/ids-* | xargs -r -P 32 -L 1 sh "$0" get "$out"
    ;;
hub)
    file=$out/hub-$3.json
    aws securityhub get-findings --sort-criteria Field=SeverityNormalized,SortOrder=desc --page-size 100 \
        --region "$3" --output json > "$file"
    said "$file"
    ;;
list)
    for detector in $(aws guardduty list-detectors --region "$3" --query 'DetectorIds[]' --output text); do
        aws guardduty list-findings --detector-id "$detector" --sort-criteria AttributeName=severity,OrderBy=DESC \
            --region "$3" --query 'FindingIds[]' --output text | tr '\t' '\n' | grep . |
            xargs -r -n 50 echo "$3" "$detector" > "$out/ids-$3"
    done
    ;;
get)
    region=$3
    detector=$4
    shift 4
    file=$out/get-$region-$1.json
    aws guardduty get-findings --detector-id "$detector" --finding-ids "$@" --region "$region" --output json > "$file"
    said "$file"
    ;;
esac

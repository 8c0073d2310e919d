//! `resource` of findings about functions, databases and clusters.

use serde_json::{Value, json};

use super::super::build::Home;
use super::actions::seconds;
use crate::domain::Time;
use crate::range::services::lambda::Function;
use crate::range::services::rds::Instance;

/// `lambdaDetails`
pub fn function(home: &Home, function: &Function) -> Value {
    let Home { account, region, .. } = home;
    json!({"resourceType": "Lambda", "lambdaDetails": {
        "functionArn": format!("arn:aws:lambda:{region}:{account}:function:{}", function.name),
        "functionName": function.name, "description": "", "functionVersion": "$LATEST",
        "lastModifiedAt": seconds(function.modified), "role": function.role, "tags": [],
    }})
}

/// `rdsDbInstanceDetails`, with the database user who logged in: the master user, unless the scenario names another.
pub fn database(home: &Home, database: &Instance, user: Option<&str>) -> Value {
    let Home { account, region, .. } = home;
    let tags: Vec<Value> = (database.tags.iter())
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    let mut details = json!({
        "dbInstanceIdentifier": database.id, "engine": database.engine, "engineVersion": "16.4",
        "dbInstanceArn": format!("arn:aws:rds:{region}:{account}:db:{}", database.id), "tags": tags,
    });
    if let Some(cluster) = &database.cluster {
        details["dbClusterIdentifier"] = cluster.as_str().into();
    }
    json!({
        "resourceType": "RDSDBInstance", "rdsDbInstanceDetails": details,
        "rdsDbUserDetails": {
            "user": user.unwrap_or(&database.master.user), "application": "psql", "database": "postgres", "ssl": "TLSv1.3",
            "authMethod": "SCRAM-SHA-256",
        },
    })
}

/// `eksClusterDetails` with a privileged pod and the Kubernetes user who started it.
pub fn cluster(home: &Home, name: &str, vpc: &str, created: Time, user: Option<&str>) -> Value {
    let Home { account, region, .. } = home;
    json!({
        "resourceType": "EKSCluster",
        "eksClusterDetails": {
            "name": name, "arn": format!("arn:aws:eks:{region}:{account}:cluster/{name}"), "vpcId": vpc, "status": "ACTIVE",
            "tags": [], "createdAt": seconds(created),
        },
        "kubernetesDetails": {
            "kubernetesUserDetails": {
                "username": user.unwrap_or("system:serviceaccount:default:default"), "uid": "",
                "groups": ["system:serviceaccounts", "system:authenticated"],
            },
            "kubernetesWorkloadDetails": {
                "name": "debug-shell", "type": "pods", "namespace": "default", "hostNetwork": true,
                "containers": [{
                    "containerRuntime": "", "id": "", "name": "shell", "image": "docker.io/library/alpine:3.20", "imagePrefix": "",
                    "securityContext": {"privileged": true},
                    "volumeMounts": [{"name": "host", "mountPath": "/host"}],
                }],
                "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
            },
        },
    })
}

#!/bin/bash
set -euo pipefail
gcloud storage buckets create gs://my-recordings \
  --project=p \
  --location=EUROPE-WEST4 \
  --uniform-bucket-level-access \
  --public-access-prevention \
  --soft-delete-duration=2592000s \
  --retention-period=220903200s \
  --default-encryption-key=projects/keys/locations/europe-west4/keyRings/r/cryptoKeys/k
gcloud storage buckets update gs://my-recordings --versioning
gcloud storage buckets update gs://my-recordings --lifecycle-file=/dev/stdin <<'LIFECYCLE'
{
  "lifecycle": {
    "rule": [
      {
        "action": {
          "type": "Delete"
        },
        "condition": {
          "age": 2587,
          "isLive": true,
          "matchesPrefix": [
            "team a/v1/records/",
            "team a/v1/blobs/",
            "team a/v1/sessions/"
          ]
        }
      },
      {
        "action": {
          "type": "Delete"
        },
        "condition": {
          "age": 2587,
          "isLive": false,
          "matchesPrefix": [
            "team a/v1/records/",
            "team a/v1/blobs/",
            "team a/v1/sessions/"
          ]
        }
      }
    ]
  }
}
LIFECYCLE
gcloud iam roles create tachographWriter \
  --project=p \
  --title='Tachograph writer' \
  --permissions=storage.objects.create,storage.objects.get,storage.objects.list \
  --stage=GA
gcloud iam roles create tachographLegalHold \
  --project=p \
  --title='Tachograph legal hold' \
  --permissions=storage.objects.get,storage.objects.list,storage.objects.update \
  --stage=GA
gcloud iam roles create tachographPurger \
  --project=p \
  --title='Tachograph purger' \
  --permissions=storage.objects.delete,storage.objects.get,storage.objects.list \
  --stage=GA
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:controller@p.iam.gserviceaccount.com \
  --role=projects/p/roles/tachographWriter \
  --condition='^~^title=records-blobs-sessions~expression=resource.type != "storage.googleapis.com/Object" || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/records/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/blobs/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/sessions/")'
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:sequencer@p.iam.gserviceaccount.com \
  --role=projects/p/roles/tachographWriter \
  --condition='^~^title=log-keys~expression=resource.type != "storage.googleapis.com/Object" || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/log/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/keys/")'
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:hold@p.iam.gserviceaccount.com \
  --role=projects/p/roles/tachographLegalHold \
  --condition='^~^title=records-blobs-sessions~expression=resource.type != "storage.googleapis.com/Object" || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/records/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/blobs/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/sessions/")'
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:purge@p.iam.gserviceaccount.com \
  --role=projects/p/roles/tachographPurger \
  --condition='^~^title=records-blobs-sessions~expression=resource.type != "storage.googleapis.com/Object" || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/records/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/blobs/") || resource.name.startsWith("projects/_/buckets/my-recordings/objects/team a/v1/sessions/")'
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:controller@p.iam.gserviceaccount.com \
  --role=roles/storage.objectViewer
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=serviceAccount:sequencer@p.iam.gserviceaccount.com \
  --role=roles/storage.objectViewer
gcloud storage buckets add-iam-policy-binding gs://my-recordings \
  --member=group:compliance@example.com \
  --role=roles/storage.objectViewer
# For ever: the retention period can only grow, and the bucket stays until its last object may go.
gcloud storage buckets update gs://my-recordings --lock-retention-period

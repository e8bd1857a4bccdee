resource "google_storage_bucket" "archive" {
  name = "my-recordings"
  project = "p"
  location = "EUROPE-WEST4"
  uniform_bucket_level_access = true
  public_access_prevention = "enforced"
  force_destroy = false
  versioning {
    enabled = true
  }
  soft_delete_policy {
    retention_duration_seconds = 2592000
  }
  retention_policy {
    retention_period = 220903200
    is_locked = true
  }
  encryption {
    default_kms_key_name = "projects/keys/locations/europe-west4/keyRings/r/cryptoKeys/k"
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 2587
      with_state = "LIVE"
      matches_prefix = ["team a/v1/records/", "team a/v1/blobs/", "team a/v1/sessions/"]
    }
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 2587
      with_state = "ARCHIVED"
      matches_prefix = ["team a/v1/records/", "team a/v1/blobs/", "team a/v1/sessions/"]
    }
  }
}

resource "google_project_iam_custom_role" "tachographWriter" {
  project = "p"
  role_id = "tachographWriter"
  title = "Tachograph writer"
  permissions = ["storage.objects.create", "storage.objects.get", "storage.objects.list"]
}

resource "google_project_iam_custom_role" "tachographLegalHold" {
  project = "p"
  role_id = "tachographLegalHold"
  title = "Tachograph legal hold"
  permissions = ["storage.objects.get", "storage.objects.list", "storage.objects.update"]
}

resource "google_project_iam_custom_role" "tachographPurger" {
  project = "p"
  role_id = "tachographPurger"
  title = "Tachograph purger"
  permissions = ["storage.objects.delete", "storage.objects.get", "storage.objects.list"]
}

resource "google_storage_bucket_iam_member" "archive_1" {
  bucket = google_storage_bucket.archive.name
  role = google_project_iam_custom_role.tachographWriter.id
  member = "serviceAccount:controller@p.iam.gserviceaccount.com"
  condition {
    title = "records-blobs-sessions"
    expression = "resource.type != \"storage.googleapis.com/Object\" || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/records/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/blobs/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/sessions/\")"
  }
}

resource "google_storage_bucket_iam_member" "archive_2" {
  bucket = google_storage_bucket.archive.name
  role = google_project_iam_custom_role.tachographWriter.id
  member = "serviceAccount:sequencer@p.iam.gserviceaccount.com"
  condition {
    title = "log-keys"
    expression = "resource.type != \"storage.googleapis.com/Object\" || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/log/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/keys/\")"
  }
}

resource "google_storage_bucket_iam_member" "archive_3" {
  bucket = google_storage_bucket.archive.name
  role = google_project_iam_custom_role.tachographLegalHold.id
  member = "serviceAccount:hold@p.iam.gserviceaccount.com"
  condition {
    title = "records-blobs-sessions"
    expression = "resource.type != \"storage.googleapis.com/Object\" || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/records/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/blobs/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/sessions/\")"
  }
}

resource "google_storage_bucket_iam_member" "archive_4" {
  bucket = google_storage_bucket.archive.name
  role = google_project_iam_custom_role.tachographPurger.id
  member = "serviceAccount:purge@p.iam.gserviceaccount.com"
  condition {
    title = "records-blobs-sessions"
    expression = "resource.type != \"storage.googleapis.com/Object\" || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/records/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/blobs/\") || resource.name.startsWith(\"projects/_/buckets/my-recordings/objects/team a/v1/sessions/\")"
  }
}

resource "google_storage_bucket_iam_member" "archive_5" {
  bucket = google_storage_bucket.archive.name
  role = "roles/storage.objectViewer"
  member = "serviceAccount:controller@p.iam.gserviceaccount.com"
}

resource "google_storage_bucket_iam_member" "archive_6" {
  bucket = google_storage_bucket.archive.name
  role = "roles/storage.objectViewer"
  member = "serviceAccount:sequencer@p.iam.gserviceaccount.com"
}

resource "google_storage_bucket_iam_member" "archive_7" {
  bucket = google_storage_bucket.archive.name
  role = "roles/storage.objectViewer"
  member = "group:compliance@example.com"
}

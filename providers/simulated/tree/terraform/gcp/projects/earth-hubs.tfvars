prefix     = "earth"
project_id = "earth-hubs"
zone       = "us-central1-b"
region     = "us-central1"

filestores = {
  # One for all hubs.
  "filestore" : {},
  "large" : {
    name_suffix : "large",
    capacity_gb : 3072,
    tier : "BASIC_SSD",
  },
  "archive" : { name_suffix : "archive" },
}

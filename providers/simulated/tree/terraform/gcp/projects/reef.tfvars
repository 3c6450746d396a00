prefix     = "reef"
project_id = "reef-hubs"
zone       = "europe-west4-a"
region     = "europe-west4"

# Homes are on servers in the cluster, each with a disk.
filestores = {}

persistent_disks = {
  "prod" = {
    size        = 500
    name_suffix = "prod"
  }
  "anemone" = {
    size        = 120
    name_suffix = "anemone"
  }
  "coral"  = { size = 200, name_suffix = "coral" }
  "lagoon" = { size = 500, name_suffix = "lagoon" }
}

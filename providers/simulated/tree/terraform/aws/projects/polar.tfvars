region                 = "eu-north-1"
cluster_name           = "polar"
cluster_nodes_location = "eu-north-1a"

filestores = {
  "hub" : {},
  "ice" : { name_suffix : "ice" },
}

region                 = "us-west-2"
cluster_name           = "ocean"
cluster_nodes_location = "us-west-2a"

filestores = {
  "prod" : {
    name_suffix : "prod",
    tags : { "hub" : "all" },
  },
}

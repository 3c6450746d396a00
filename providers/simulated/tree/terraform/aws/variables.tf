variable "region" {
  type = string
}

variable "cluster_name" {
  type = string
}

variable "cluster_nodes_location" {
  type        = string
  description = "The zone of the core nodes, and of disks."
}

variable "disable_cluster_wide_filestore" {
  type    = bool
  default = true
}

variable "filestores" {
  type = map(object({
    name_suffix : optional(string, null),
    tags : optional(map(string), {}),
  }))
  default = {}
}

variable "ebs_volumes" {
  type = map(object({
    size        = number
    type        = string
    name_suffix = optional(string, null)
    tags        = optional(map(string), {})
  }))
  default = {}
}

variable "prefix" {
  type = string
}

variable "persistent_disks" {
  type = map(object({
    size        = number
    name_suffix = optional(string, null)
  }))
  default     = {}
  description = "Volumes of NFS servers in the cluster, by key. Sizes are in GiB."
}

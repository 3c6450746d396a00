variable "prefix" {
  type        = string
  description = "Begins the name of everything that is made here."
}

variable "project_id" {
  type        = string
  description = "The project to make it in: its id, not its name."
}

variable "zone" {
  type = string
}

variable "region" {
  type = string
}

variable "filestores" {
  type = map(object({
    name_suffix : optional(string, null),
    capacity_gb : optional(number, 1024),
    tier : optional(string, "BASIC_HDD"),
    source_backup : optional(string, null),
  }))
  default = {
    "filestore" : {}
  }
  description = <<-EOT
    Filestores for home directories, by key.

    A cluster that wants none says so: filestores = {}
  EOT
}

variable "persistent_disks" {
  type = map(object({
    size        = number
    type        = optional(string, "pd-balanced")
    name_suffix = optional(string, null)
  }))
  default     = {}
  description = "Disks of NFS servers in the cluster, by key. Sizes are in GB; a disk never shrinks."
}

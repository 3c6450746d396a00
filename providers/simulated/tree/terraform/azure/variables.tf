variable "subscription_id" {
  type = string
}

variable "resourcegroup_name" {
  type = string
}

variable "global_storage_account_name" {
  type        = string
  description = "The premium account of the share of homes. Its name is unique in all of Azure."
}

variable "location" {
  type    = string
  default = "northeurope"
}

variable "storage_size" {
  type        = number
  description = "Quota of the share of homes, in GiB."
}

prefix = "summit"

persistent_disks = {
  "base" = { size = 200, name_suffix = "base" }
  "peak" = { size = 100, name_suffix = "peak" ,

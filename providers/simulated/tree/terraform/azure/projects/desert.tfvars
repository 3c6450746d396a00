subscription_id             = "1c9e7b5a-3d2f-4a68-8e0c-6b4d2f0a9e7c"
resourcegroup_name          = "desert-hubs"
global_storage_account_name = "deserthomes"
location                    = "uaenorth"

storage_size = 1024

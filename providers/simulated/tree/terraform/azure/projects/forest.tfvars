subscription_id             = "8a3f2c1e-0b5d-4e7a-9c61-2d4f6a8b0c1e"
resourcegroup_name          = "forest-hubs"
global_storage_account_name = "foresthomes"

storage_size = 4 * 1024 # of which 2.5 TiB are used

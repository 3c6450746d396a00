"""Making and growing filestores: declared for Terraform, or live in the cloud."""

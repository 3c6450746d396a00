"""Edits variables files of Terraform in place: every byte stays that does not have to change."""

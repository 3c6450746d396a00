"""AWS EFS: the one package that imports boto3, and only when an AWS account is asked."""

from __future__ import annotations

from providers.filestores.aws_efs.backend import AwsEfs

__all__ = ["AwsEfs"]

"""Storage: tables, manifests and locks, in a folder of this machine or on an S3-compatible store."""

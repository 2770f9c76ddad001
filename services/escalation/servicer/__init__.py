"""What escalation answers, one file per gRPC service."""

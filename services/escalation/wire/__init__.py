"""What escalation says and is told, as protobuf messages."""

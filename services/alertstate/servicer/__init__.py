"""The gRPC faces of AlertState."""

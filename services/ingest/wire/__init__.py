"""Domain values as protobuf messages, and back."""

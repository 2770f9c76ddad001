"""What messages say, in each language and for each channel. Pure: values in, texts out."""

from services.notification.messages.message import Message, compose, keys

__all__ = ["Message", "compose", "keys"]

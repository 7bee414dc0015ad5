"""What servers share: where they listen, and how much they read."""

from keras_vae.web.bodies import Receive, Scope, Send, TooLargeError, bounded, length_of
from keras_vae.web.listening import is_loopback, listening

__all__ = ["Receive", "Scope", "Send", "TooLargeError", "bounded", "is_loopback", "length_of", "listening"]

"""The gateway's wire protocol. No Django: usable from any Python program."""

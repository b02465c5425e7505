"""A small real shop that takes its payments with django-gemafu."""

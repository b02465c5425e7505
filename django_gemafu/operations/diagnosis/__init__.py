"""What :func:`~django_gemafu.operations.diagnose.diagnose` examines, a subject a module.

An examination takes nothing, changes nothing, and yields findings.
"""

"""Take WeChat payments into a personal account (Gemafu, 个码付) from any Django shop."""

__version__ = "0.1.0"

"""A pretend Gemafu gateway for development, demonstrations and tests.

It speaks the same wire protocol as the real one, takes orders, shows a pretend wallet in place of
WeChat, sends real notifications, and misbehaves on request. It plays the other side of the wire,
so it knows nothing of the shop: no model, operation or view of ``django_gemafu`` is used here.
Never install it where real orders are taken: whoever reaches its panel can mark orders paid.
"""

"""The pages of the attacks for a server that speaks ASGI only."""

from a2wsgi import WSGIMiddleware

from tests.attacks.streaming_pages import make


def make_asgi() -> WSGIMiddleware:
    return WSGIMiddleware(make(), workers=4)

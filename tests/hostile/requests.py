"""Requests that no browser and no gateway makes."""

from __future__ import annotations

from hypothesis import strategies as st

METHODS = st.sampled_from(
    [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "post",
    ]
)

#: What a web server lets through: it refuses control characters itself.
_words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]))

_KNOWN = {
    "CONTENT_TYPE": [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "x" * 5000,
        "text/plain; charset=utf-16",
        "text/plain; charset=utf-7",
        "text/plain; charset=no-such-thing",
        "text/plain; charset*=utf-8''%ff",
        "application/json; charset=" + "x" * 1000,
        ";;;===",
    ],
    "CONTENT_LENGTH": ["", "-1", "0", "1", "7", "4294967296", "9" * 30, "x", "1.5", "0x10"],
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip, chunked", "identity"],
    "HTTP_CONTENT_ENCODING": ["gzip", "deflate", "br", "gzip, gzip"],
    "HTTP_EXPECT": ["100-continue", "x"],
    "HTTP_HOST": ["testserver", "localhost:80", "evil.example", "", "a b", "[::1", "testserver:x"],
    "HTTP_X_FORWARDED_HOST": ["evil.example"],
    "HTTP_X_FORWARDED_PROTO": ["https", "javascript"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["POST", "DELETE"],
    "HTTP_COOKIE": ["sessionid=x", "csrftoken=x", "a=b; " * 500, "django_language=" + "x" * 600],
    "HTTP_ACCEPT_LANGUAGE": ["zh-hans", "en;q=9", "x-" * 200, "*", "../../etc/passwd"],
    "HTTP_ACCEPT": ["application/json", "*/*;q=x"],
    "HTTP_ORIGIN": ["null", "https://evil.example"],
    "HTTP_REFERER": ["https://evil.example/<script>"],
    "HTTP_RANGE": ["bytes=0-0", "bytes=9-1"],
    "HTTP_IF_NONE_MATCH": ["*", '"x"'],
    "HTTP_IF_MODIFIED_SINCE": ["x", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "QUERY_STRING": ["", "token=x", "%00%ff", "a=" + "b" * 2000, "proof=x&state=paid"],
}


def environs() -> st.SearchStrategy[dict[str, str]]:
    """Return strange headers, a few at a time."""
    known = {name: st.sampled_from(values) | _words for name, values in _KNOWN.items()}
    return st.fixed_dictionaries({}, optional=known)

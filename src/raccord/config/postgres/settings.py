"""PostgreSQL's settings for a small machine, and who may enter."""

from raccord.config.postgres.place import Place

_SETTINGS = """\
# Written at each start; what you write in local.conf, beside this file, wins.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'

max_connections = 100
shared_buffers = '128MB'
max_wal_size = '2GB'
fsync = on
jit = off
timezone = 'UTC'
lc_messages = 'C'

# The log keeps a week, one file a day. No sentence of SQL and no value may enter it: they carry
# minors' names. An ERROR quotes the value that it refuses, hence only LOG, FATAL and PANIC; and
# « terse » leaves out DETAIL, which quotes keys (duplicates) and statements (after a crash).
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_file_mode = 0600
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = 'none'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_lock_waits = off
include_if_exists = 'local.conf'
"""

_ENTRANCE = """\
# Written at each start.
local all all scram-sha-256
"""


def settings_text(place: Place, *, loopback: bool) -> str:
    return _SETTINGS.format(
        listen="127.0.0.1" if loopback else "",
        port=place.memory.port,
        socket=_quoted(str(place.socket)),
        logs=_quoted(str(place.logs)),
    )


def entrance_text(*, loopback: bool) -> str:
    """pg_hba.conf: a password for everybody, from this machine only."""
    return _ENTRANCE + ("host all all 127.0.0.1/32 scram-sha-256\n" if loopback else "")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''")

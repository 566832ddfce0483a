#!/bin/sh
# The installed station's own command line: its config and its data unless other ones are named.
export HEELDRIVE_CONFIG="${HEELDRIVE_CONFIG-/etc/heeldrive/config.toml}"
export XDG_DATA_HOME=/var/lib
exec /opt/heeldrive/current/bin/heeldrive "$@"

#!/bin/sh
# Told by ZED that a disk changed its state, or that a scrub or resilver ended, nasgitops looks at the host at once instead of at the next drift interval.
# Installed in /etc/zfs/zed.d once for each event it is for, by its name: statechange-nasgitops.sh, scrub_finish-nasgitops.sh, resilver_finish-nasgitops.sh.
# Where the agent does not run this does nothing; events that come together are one pass.
exec systemctl --no-block try-reload-or-restart nasgitops.service

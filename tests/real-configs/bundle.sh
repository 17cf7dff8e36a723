#!/bin/sh
# bundle.sh CASE BUNDLE ROOTFS: make a runnable bundle of a case. ROOTFS is copied; the environment is bundle.jq's.
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2/mounts"
bundle=$(cd "$2" && pwd)
cp -a "$3" "$bundle/rootfs"
jq --arg b "$bundle" -f "$here/bundle.jq" "$here/$1/config.json" > "$bundle/config.json"
jq -r '.mounts[]?.source // "" | select(startswith("@BUNDLE@/")) | ltrimstr("@BUNDLE@")' "$here/$1/config.json" |
while read -r m; do
	case $m in *.d) mkdir -p "$bundle$m" ;; *) : > "$bundle$m" ;; esac
done
owner=$(jq -r '[.linux.uidMappings[0].hostID // 0, .linux.gidMappings[0].hostID // 0] | join(":")' "$bundle/config.json")
[ "$owner" = 0:0 ] || chown -R "$owner" "$bundle/rootfs"

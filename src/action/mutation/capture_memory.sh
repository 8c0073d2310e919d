# Captures the memory of this machine and uploads it. quell sets the four variables before this; nothing in here varies.
set -eu
umask 077
fail() { echo "quell: $1" >&2; exit 1; }
for program in aws sha256sum df mktemp; do
  command -v "$program" >/dev/null 2>&1 || fail "$program is not on this machine"
done
dir=$(mktemp -d /var/tmp/quell.XXXXXX)
loaded=
trap '[ -z "$loaded" ] || rmmod lime || :; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# An image is about as large as the memory, and an eighth is left over for what the kernel keeps to itself.
memory=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
free=$(df -Pk "$dir" | tail -n 1 | { read -r _ _ _ left _; echo "$left"; })
[ "$free" -gt "$((memory + memory / 8))" ] || fail "/var/tmp has $free KiB free, and the memory is $memory KiB"

case "$QUELL_SOURCE" in
  s3://*) aws s3 cp --only-show-errors "$QUELL_SOURCE" "$dir/tool" ;;
  *) curl -fsSL --proto '=https' --proto-redir '=https' -o "$dir/tool" "$QUELL_SOURCE" ;;
esac
tool=$(sha256sum "$dir/tool")
tool=${tool%% *}
[ -z "$QUELL_SHA256" ] || [ "$tool" = "$QUELL_SHA256" ] || fail "the SHA-256 of the tool is $tool"

case "$QUELL_TOOL" in
  avml)
    chmod 700 "$dir/tool"
    "$dir/tool" "$dir/image" >&2
    ;;
  lime)
    insmod "$dir/tool" "path=$dir/image format=lime"
    loaded=1
    rmmod lime
    loaded=
    ;;
  *) fail "$QUELL_TOOL is no tool" ;;
esac

size=$(($(wc -c <"$dir/image")))
[ "$size" -gt 0 ] || fail "the image is empty"
image=$(sha256sum "$dir/image")
image=${image%% *}
aws s3 cp --only-show-errors --metadata "sha256=$image,tool-sha256=$tool" "$dir/image" "$QUELL_IMAGE"
echo "tool-sha256 $tool"
echo "image-size $size"
echo "image-sha256 $image"

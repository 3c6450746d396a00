# Runs the arguments as a command that ends when standard input does, which is when the caller hangs up: without this
# containerd would leave it running. The command itself reads nothing. Needs no more than a POSIX shell; with setsid
# what the command has started ends as well.
exec 3<&0 </dev/null
group=
command -v setsid >/dev/null 2>&1 && group=setsid
$group "$@" 3<&- &
child=$!
{
    cat <&3 >/dev/null 2>&1
    kill -- "-$child" 2>/dev/null || kill "$child" 2>/dev/null
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"

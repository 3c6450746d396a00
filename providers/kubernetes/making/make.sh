# Makes directories that are not there, each with its owner and mode from the start; takes away those that are empty.
#
#   sh -c SCRIPT make ROOT OWNER MODE PATH...      says "made" or "there" for each PATH
#   sh -c SCRIPT make ROOT remove - PATH...        says "removed", "missing" or "kept" for each PATH
#
# ROOT and PATH are base64, as in look.sh; OWNER is UID:GID, MODE octal. PATH is below ROOT, and entered part by part
# without any link on the way; what leads to it is made, too. A directory gets its name only once its owner is right:
# nobody meets one that is half made, and whatever is there already is left as it is. Ends with 0, or 3: something that
# is no directory, or a link, is in the way; 4: ROOT can't be entered; 5: one could not be made.
export LC_ALL=C PATH="$PATH:/bin:/usr/bin:/usr/sbin"

decoded() { printf '%s' "$1" | base64 -d && echo /; }

there() { [ -e "$1" ] || [ -L "$1" ]; }

# Makes $1 in the directory where we are.
named() {
  new=./.hubhomes-new
  if there "$new"; then rmdir "$new" || return 1; fi
  mkdir "$new" || return 1
  if chown "$owner" "$new" && chmod "$mode" "$new" && ! there "$1" && mv -T "$new" "$1"; then return 0; fi
  rmdir "$new"
  return 1
}

made() {
  said=there rest=$1/
  while [ -n "$rest" ]; do
    name=${rest%%/*} rest=${rest#*/}
    if [ -z "$name" ]; then continue; fi
    if ! there "./$name"; then
      named "./$name" || exit 5
      said=made
    fi
    if [ -L "./$name" ] || ! cd -P "./$name"; then exit 3; fi
  done
  echo "$said"
}

removed() {
  rest=$1
  while [ "$rest" != "${rest#*/}" ]; do
    name=${rest%%/*} rest=${rest#*/}
    if [ -L "./$name" ] || ! cd -P "./$name" 2>/dev/null; then
      echo missing
      return
    fi
  done
  if ! there "./$rest"; then
    echo missing
  elif [ ! -L "./$rest" ] && rmdir "./$rest" 2>/dev/null; then
    echo removed
  else
    echo kept
  fi
}

root=$(decoded "$1") owner=$2 mode=$3
shift 3
cd -P "${root%/}/" || exit 4
top=$PWD
for path; do
  path=$(decoded "$path")
  cd -P "$top" || exit 4
  if [ "$owner" = remove ]; then removed "${path%/}"; else made "${path%/}"; fi
done

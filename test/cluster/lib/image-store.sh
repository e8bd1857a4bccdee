# shellcheck shell=bash
# Images unpacked once: a containerd directory with the images of out/images, kept between starts of the cluster.
#
# Importing takes seconds of CPU time, which a starting cluster needs itself. A start takes a copy of the store made of
# hard links: blobs and unpacked layers are never written to again, and the databases are copied.

image_store=$cache/cluster/image-store/$(sha256sum <<< "$repository" | cut -c1-16)
# Replaced images leave their layers behind; after so many the store is made anew.
IMPORTS_MAX=40

# Archives and what they were made from, one a line: a change of either is a change of the image.
list_images() {
  local archive
  for archive in "$image_dir"/*.tar; do printf '%s %s\n' "$archive" "$(cat "$archive.inputs")"; done | sort
}

# update_image_store BIN: imports what has changed since the last time, with a containerd of its own.
update_image_store() {
  local bin=$1 started=$EPOCHREALTIME held=$image_store/held wanted changed gone
  mkdir -p "$image_store"
  touch "$held" "$image_store/imports"
  wanted=$(list_images)
  gone=$(join -v 2 <(echo "$wanted") "$held")
  if [ -n "$gone" ] || [ "$(wc -l < "$image_store/imports")" -gt "$IMPORTS_MAX" ]; then
    rm -rf "$image_store/containerd"
    truncate --size 0 "$held" "$image_store/imports"
  fi
  mapfile -t changed < <(comm -23 <(echo "$wanted") "$held" | cut -d' ' -f1)
  ((${#changed[@]} > 0)) || return 0
  say "importing ${changed[*]##*/} ..."
  printf '%s\n' "${changed[@]}" >> "$image_store/imports"
  unshare --mount --net --pid --fork --kill-child=KILL \
    "$cluster_dir/import-images.sh" "$bin" "$image_store/containerd" "${changed[@]}" > "$image_store/log" 2>&1 9>&- ||
    { tail -n 15 "$image_store/log" >&2; rm -rf "$image_store"; fail "cannot import the images"; }
  echo "$wanted" > "$held"
  say "images imported in $(seconds_since "$started") s"
}

# copy_image_store DIR
copy_image_store() {
  cp --archive --link "$image_store/containerd" "$1" 2>/dev/null || { rm -rf "$1"; cp --archive "$image_store/containerd" "$1"; }
  find "$1" -name '*.db' -print0 | (cd "$1" && while IFS= read -r -d '' database; do
    cp --remove-destination "$image_store/containerd/${database#"$1"/}" "$database"
  done)
}

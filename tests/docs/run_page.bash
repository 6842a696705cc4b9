#!/usr/bin/env bash
# run_page.bash PAGE: runs a page of the docs in the working directory, block by block: "sh" is run, a block with a file's name behind
# its language is written to that file, a block of no file is passed over, and "text" is what the commands before it print ("text times": numbers may differ).
set -euo pipefail
page=$1
work=$PWD
output=$work/output

but_for_numbers() { sed -E 's/[0-9]+(\.[0-9]+)?/N/g; s/[[:space:]]+/ /g; s/ $//' "$1"; }

run_block() {
  local language=$1 file=$2 block=$3
  case $language in
    sh)
      # shellcheck disable=SC1090
      source "$block" >"$output"
      ;;
    text)
      local as=cat
      [[ $file != times ]] || as=but_for_numbers
      diff <("$as" "$block") <("$as" "$output") || { echo "$page: this is what was printed instead" >&2; exit 1; }
      ;;
    *)
      [[ -z $file ]] || mkdir -p "$(dirname "$file")"
      [[ -z $file ]] || cp "$block" "$file"
      ;;
  esac
}

count=0
language=
while IFS= read -r line <&3; do
  if [[ $line =~ ^\`\`\`([a-z]*)\ ?(.*)$ ]]; then
    if [[ -z $language ]]; then
      language=${BASH_REMATCH[1]:-none}
      file=${BASH_REMATCH[2]}
      : >"$work/block"
    else
      run_block "$language" "$file" "$work/block"
      language=
      count=$((count + 1))
    fi
  elif [[ -n $language ]]; then
    printf '%s\n' "$line" >>"$work/block"
  fi
done 3<"$page"
echo "$count blocks of $page"

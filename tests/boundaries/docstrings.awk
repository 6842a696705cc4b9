# awk -f docstrings.awk HEADER...: every class, struct and enumeration of a public header says before itself, or on its own line, what
# it is. Not asked: specialisations, tags without members, what is in a namespace detail, and C's structs.
FNR == 1 { said = inside = c = 0 }
/^namespace .*detail \{/ { inside = 1 }
/^\}  \/\/ namespace .*detail$/ { inside = 0 }
/^extern "C" \{/ { c = 1 }
c && /^\}/ && !/;/ { c = 0 }
/^(class|struct|enum class) / && /\{/ && !/\{\}/ {
  name = $0
  sub(/[:{].*/, "", name)
  if (!said && !inside && !c && name !~ /</ && $0 !~ /\/\/\/</) {
    print FILENAME ":" FNR ": says not what it is: " $0
    found++
  }
}
!/^(template|  requires)/ { said = /^\/\/\// }
END { if (found) exit 1 }

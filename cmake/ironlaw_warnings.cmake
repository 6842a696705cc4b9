# Warnings are errors in everything that this project compiles itself; sanitizers where asked for.
include_guard(GLOBAL)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# g++ 12 sees overlapping copies in std::string's own operators (GCC bug 105651).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(CMAKE_UNITY_BUILD)
  # Sources that are compiled together look like headers to it.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(IRONLAW_SANITIZE)
  # Without "vptr", which asks for the type information of the host's own classes, hidden outside its library.
  add_compile_options(-fsanitize=${IRONLAW_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${IRONLAW_SANITIZE})
endif()
# Coverage that a fuzzer follows, in everything that it may call.
if(IRONLAW_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

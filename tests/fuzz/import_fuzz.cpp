// Bytes as decisions of a grammar: files of other tools that are nearly right. What must hold of what they become is in
// tests/hostile.
#include "hostile/requirements.hpp"
#include "hostile/trials.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ironlaw::hostile;
  try {
    try_import(Choices({data, size}));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    std::abort();
  }
  return 0;
}

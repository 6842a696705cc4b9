#include <ironlaw/host/ranks.hpp>

#include <ironlaw/error.hpp>

#include <dlfcn.h>

#include <filesystem>

namespace ironlaw::host {

Ranks::~Ranks() = default;

std::unique_ptr<Ranks> open_mpi_ranks() {
  Dl_info info{};
  dladdr(reinterpret_cast<const void*>(&open_mpi_ranks), &info);
  const auto library = std::filesystem::canonical(info.dli_fname).parent_path() / "libironlaw_mpi.so";
  void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (opened == nullptr)
    throw InputError("--shard mpi",
                     "cannot load " + library.string() + ": build ironlaw where MPI is installed (libopenmpi-dev)");
  void* open = dlsym(opened, "ironlaw_open_mpi_ranks");
  if (open == nullptr) throw InputError("--shard mpi", library.string() + " is of another version of ironlaw");
  return std::unique_ptr<Ranks>(reinterpret_cast<Ranks* (*)()>(open)());
}

}  // namespace ironlaw::host

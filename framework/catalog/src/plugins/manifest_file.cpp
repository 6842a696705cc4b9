#include "plugins/manifest_file.hpp"

#include "plugins/component_name.hpp"

#include <ironlaw/fingerprint.hpp>

#include <elf.h>

#include <bit>
#include <cstring>

namespace ironlaw::host {
namespace {

// A manifest with its table, and the names of all sections, are far smaller; larger means a damaged file.
constexpr std::uint64_t largest_section = 1u << 20;

#if defined(__x86_64__)
constexpr std::uint16_t host_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t host_machine = EM_AARCH64;
#else
#error "plugins are read on x86_64 and aarch64"
#endif
static_assert(std::endian::native == std::endian::little);

/// Thrown inside this file only; becomes status and detail of the record.
struct Refused {
  LoadStatus status;
  std::string detail;
};

[[noreturn]] void not_a_plugin(std::string found) {
  throw Refused{LoadStatus::not_a_plugin, "expected a shared library with an ironlaw manifest, found " + std::move(found) +
                                              ": build it with ironlaw_add_plugin"};
}

[[noreturn]] void bad_manifest(std::string_view what) {
  throw Refused{LoadStatus::bad_manifest, "damaged manifest, " + std::string(what) + ": build the plugin again"};
}

template <class T>
bool read_struct(const ReadAt& read, std::uint64_t at, T& into) {
  return read(at, std::as_writable_bytes(std::span(&into, 1)));
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_AARCH64:
      return "aarch64";
    case EM_386:
      return "i386";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390";
    default:
      return "machine " + std::to_string(machine);
  }
}

Elf64_Ehdr read_header(const ReadAt& read) {
  unsigned char identity[EI_NIDENT]{};
  if (!read_struct(read, 0, identity) || std::memcmp(identity, ELFMAG, SELFMAG) != 0) not_a_plugin("no ELF file");
  if (identity[EI_CLASS] == ELFCLASS32) not_a_plugin("a 32-bit ELF file where this host is 64-bit");
  if (identity[EI_CLASS] != ELFCLASS64) not_a_plugin("an ELF file of unknown class");
  if (identity[EI_DATA] == ELFDATA2MSB) not_a_plugin("a big-endian ELF file where this host is little-endian");
  if (identity[EI_DATA] != ELFDATA2LSB) not_a_plugin("an ELF file of unknown byte order");
  Elf64_Ehdr header{};
  if (!read_struct(read, 0, header)) not_a_plugin("a truncated ELF header");
  if (header.e_machine != host_machine) {
    not_a_plugin("an ELF file for " + machine_name(header.e_machine) + " where this host is " + machine_name(host_machine));
  }
  if (header.e_type != ET_DYN) not_a_plugin("an ELF file that is no shared library");
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum) not_a_plugin("no section table");
  return header;
}

std::vector<std::byte> read_section(const ReadAt& read, const Elf64_Shdr& section, std::string_view what) {
  if (section.sh_type == SHT_NOBITS || section.sh_size > largest_section) not_a_plugin("an impossible " + std::string(what));
  std::vector<std::byte> bytes(section.sh_size);
  if (!read(section.sh_offset, bytes)) not_a_plugin("a truncated " + std::string(what));
  return bytes;
}

std::vector<std::byte> manifest_section(const ReadAt& read) {
  const Elf64_Ehdr header = read_header(read);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  if (!read(header.e_shoff, std::as_writable_bytes(std::span(sections)))) not_a_plugin("a truncated section table");
  const auto table = read_section(read, sections[header.e_shstrndx], "table of section names");
  const std::string_view names(reinterpret_cast<const char*>(table.data()), table.size());
  constexpr std::string_view wanted(IRONLAW_MANIFEST_SECTION, sizeof IRONLAW_MANIFEST_SECTION);  // with its final zero
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_name >= names.size() || names.substr(section.sh_name, wanted.size()) != wanted) continue;
    return read_section(read, section, "manifest section");
  }
  not_a_plugin("no " IRONLAW_MANIFEST_SECTION " section");
}

/// The text of a fixed field; it is shown in one-line messages, so nothing else than printable characters is let through.
template <std::size_t N>
std::string text_of(const char (&field)[N], const char* what) {
  const std::string_view all(field, N);
  const std::string_view text = all.substr(0, all.find('\0'));
  if (text.size() == N) bad_manifest(std::string(what) + " does not end");
  for (const char c : text) {
    if (c < ' ' || c > '~') bad_manifest(std::string(what) + " has characters that cannot be printed");
  }
  return std::string(text);
}

std::string name_of(const char (&field)[48], const char* what) {
  std::string name = text_of(field, what);
  if (!is_snake_case(name)) bad_manifest(std::string(what) + " '" + name + "' is not snake_case");
  return name;
}

/// "single_node", or "roofline/single_node".
std::string called_name(const char (&field)[48]) {
  std::string name = text_of(field, "a called solver's name");
  const auto slash = name.find('/');
  if (!is_snake_case(name.substr(0, slash)) || (slash != name.npos && !is_snake_case(name.substr(slash + 1))))
    bad_manifest("a called solver's name '" + name + "' is none");
  return name;
}

ironlaw_manifest_v1 read_head(std::span<const std::byte> section) {
  ironlaw_manifest_v1 head{};
  if (section.size() < sizeof head) bad_manifest("its section is too small");
  std::memcpy(&head, section.data(), sizeof head);
  if (text_of(head.magic, "magic") != IRONLAW_MANIFEST_MAGIC) bad_manifest("its magic is wrong");
  if (head.manifest_version != IRONLAW_MANIFEST_VERSION) {
    throw Refused{LoadStatus::bad_manifest, "expected manifest version " + std::to_string(IRONLAW_MANIFEST_VERSION) + ", found " +
                                                std::to_string(head.manifest_version) +
                                                ": build the plugin against this installation"};
  }
  if (head.struct_size != sizeof head || head.provides_size != sizeof(ironlaw_provides_v1)) bad_manifest("its sizes are wrong");
  if (head.provides_count == 0) bad_manifest("it provides nothing");
  if (head.provides_count > (section.size() - sizeof head) / sizeof(ironlaw_provides_v1))
    bad_manifest("its provides table is cut");
  return head;
}

std::vector<Provides> read_provides(std::span<const std::byte> section, std::uint32_t count) {
  std::vector<Provides> provides;
  for (std::uint32_t i = 0; i < count; ++i) {
    ironlaw_provides_v1 entry{};
    std::memcpy(&entry, section.data() + sizeof(ironlaw_manifest_v1) + i * sizeof entry, sizeof entry);
    std::string what = text_of(entry.what, "a provides entry");
    if (what == "calls") {
      if (provides.empty() || provides.back().what != "solver") bad_manifest("a call without a solver that calls");
      provides.back().calls.push_back(called_name(entry.name));
    } else {
      provides.push_back({std::move(what), name_of(entry.name, "a component's name")});
    }
  }
  return provides;
}

void check_sdk(const ironlaw_manifest_v1& head) {
  constexpr std::uint16_t major = IRONLAW_SDK_MAJOR;
  constexpr std::uint16_t minor = IRONLAW_SDK_MINOR;
  const bool suits = head.sdk_major == major && (major == 0 ? head.sdk_minor == minor : head.sdk_minor <= minor);
  if (suits) return;
  throw Refused{LoadStatus::sdk_version, "expected SDK " + std::to_string(major) + "." + std::to_string(minor) + ", found SDK " +
                                             std::to_string(head.sdk_major) + "." + std::to_string(head.sdk_minor) +
                                             ": build the plugin against this installation"};
}

std::string_view next_field(std::string_view& fields) {
  const auto end = fields.find(';');
  const std::string_view field = fields.substr(0, end);
  fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
  return field;
}

void check_fingerprint(const ironlaw_manifest_v1& head, std::string_view found) {
  if (head.fingerprint_hash != fnv1a(found)) bad_manifest("the fingerprint does not match its hash");
  if (head.fingerprint_hash == fingerprint_hash) return;
  std::string_view expected = fingerprint;
  std::string_view field_expected = next_field(expected);
  std::string_view field_found = next_field(found);
  while (field_expected == field_found) {
    field_expected = next_field(expected);
    field_found = next_field(found);
  }
  const bool other_revision = field_expected.starts_with("interface=") && field_found.starts_with("interface=");
  throw Refused{LoadStatus::fingerprint,
                "expected " + std::string(field_expected) + ", found " + std::string(field_found) +
                    (other_revision ? ": it was built for another revision of the plugin interface; build it anew against this "
                                      "installation's headers (cmake --build FOLDER --clean-first), abi.md says what changed"
                                    : ": build the plugin against this installation with its compiler settings")};
}

void check_provides(const std::vector<Provides>& provides) {
  for (auto p = provides.begin(); p != provides.end(); ++p) {
    if (std::find(component_sorts.begin(), component_sorts.end(), p->what) == component_sorts.end()) {
      bad_manifest("'" + p->what + "' is no sort of component");
    }
    if (std::find(provides.begin(), p, *p) != p) bad_manifest(p->what + " '" + p->name + "' is listed twice");
  }
}

void fill(const ReadAt& read, PluginRecord& record) {
  const auto section = manifest_section(read);
  const ironlaw_manifest_v1 head = read_head(section);
  record.name = name_of(head.name, "the plugin's name");
  record.version = text_of(head.version, "the version");
  record.licence = text_of(head.licence, "the licence");
  record.fingerprint = text_of(head.fingerprint, "the fingerprint");
  if ((head.build & IRONLAW_BUILD_UNFUSED) != 0) record.build = "-ffp-contract=off";
  record.provides = read_provides(section, head.provides_count);
  check_sdk(head);
  check_fingerprint(head, record.fingerprint);
  check_provides(record.provides);
}

}  // namespace

ReadAt read_from(std::span<const std::byte> bytes) {
  return [bytes](std::uint64_t at, std::span<std::byte> into) {
    if (at > bytes.size() || into.size() > bytes.size() - at) return false;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), into.size(), into.begin());
    return true;
  };
}

void read_manifest(const ReadAt& read, PluginRecord& record) {
  try {
    fill(read, record);
  } catch (const Refused& refused) {
    record.status = refused.status;
    record.detail = refused.detail;
  }
}

}  // namespace ironlaw::host

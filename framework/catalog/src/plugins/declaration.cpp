#include "plugins/declaration.hpp"

#include "plugins/declared_importer.hpp"
#include "process/confined_task.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <sys/mman.h>

#include <deque>

namespace ironlaw::host {
namespace {

constexpr std::uint64_t most_items = 1 << 20;  ///< of a list: more is no declaration

// --- components to bytes ---

void write(std::string& bytes, const Range& range) {
  put(bytes, range.low);
  put(bytes, range.high);
  put(bytes, range.above);
}
void write(std::string& bytes, const ColumnInfo& column) {
  put(bytes, column.name);
  put(bytes, column.doc);
  put(bytes, column.text);
  put(bytes, column.required);
  put(bytes, column.dimension);
  write(bytes, column.range);
  put(bytes, column.display);
  put(bytes, column.key);
}
void write(std::string& bytes, const PortInfo& port) {
  put(bytes, port.name);
  put(bytes, port.doc);
  put(bytes, port.type);
  put(bytes, port.optional);
  put(bytes, port.required);
  put(bytes, port.need);
  put(bytes, port.dimension);
  put(bytes, port.fallback);
  write(bytes, port.range);
  put(bytes, static_cast<std::uint64_t>(port.choices.size()));
  for (const auto choice : port.choices) put(bytes, choice);
  put(bytes, port.interface);
  put(bytes, port.interface_layout);
  put(bytes, port.display);
  put(bytes, port.banded);
  put(bytes, port.cheap_set);
  put(bytes, port.index);
  put(bytes, port.shortest);
  put(bytes, port.longest);
  put(bytes, static_cast<std::uint64_t>(port.columns.size()));
  for (const ColumnInfo& column : port.columns) write(bytes, column);
}
void write(std::string& bytes, const LimitInfo& limit) {
  put(bytes, limit.name);
  put(bytes, limit.doc);
  put(bytes, limit.hard);
  for (const PortReference& side : {limit.used, limit.bound}) {
    put(bytes, side.side);
    put(bytes, static_cast<std::uint64_t>(side.index));
  }
  put(bytes, limit.equation);
  for (const auto inputs : {limit.tightens, limit.loosens}) {
    put(bytes, static_cast<std::uint64_t>(inputs.size()));
    for (const std::size_t input : inputs) put(bytes, static_cast<std::uint64_t>(input));
  }
}
void write(std::string& bytes, const RuleInfo& rule) { put(bytes, rule.text); }
void write(std::string& bytes, const MonotoneInfo& promise) {
  put(bytes, static_cast<std::uint64_t>(promise.input));
  put(bytes, static_cast<std::uint64_t>(promise.output));
  put(bytes, promise.rises);
}
void write(std::string& bytes, const OptionInfo& option) {
  put(bytes, option.name);
  put(bytes, option.doc);
  put(bytes, option.type);
  put(bytes, option.required);
  put(bytes, option.dimension);
  put(bytes, option.any_dimension);
  put(bytes, option.number_fallback);
  put(bytes, option.text_fallback);
}
template <class T>
void write_all(std::string& bytes, std::span<const T> items) {
  put(bytes, static_cast<std::uint64_t>(items.size()));
  for (const T& item : items) write(bytes, item);
}

void write(std::string& bytes, const Solver& solver) {
  put(bytes, solver.about().name);
  put(bytes, solver.about().doc);
  put(bytes, solver.about().source);
  write_all(bytes, solver.inputs());
  write_all(bytes, solver.outputs());
  write_all(bytes, solver.limits());
  write_all(bytes, solver.rules());
  write_all(bytes, solver.monotone());
}
void write(std::string& bytes, const Kind& kind) {
  put(bytes, kind.about().name);
  put(bytes, kind.about().doc);
  put(bytes, kind.interface());
  put(bytes, kind.interface_layout());
  write_all(bytes, kind.fields());
}
void write(std::string& bytes, const Importer& importer) {
  put(bytes, importer.about().name);
  put(bytes, importer.about().doc);
  put(bytes, importer.about().format);
}
/// Studies, observers and guards.
template <class Component>
void write(std::string& bytes, const Component& component) {
  put(bytes, component.about().name);
  put(bytes, component.about().doc);
  write_all(bytes, component.options());
}

// --- bytes to components ---

/// Takes bytes off the front, and keeps the texts that the declarations point into.
class Reader {
 public:
  Reader(std::string_view bytes, std::deque<std::string>& texts, std::deque<std::vector<std::string_view>>& lists,
         std::deque<std::vector<std::size_t>>& numbers, std::deque<std::vector<ColumnInfo>>& columns)
      : bytes_(bytes), texts_(texts), lists_(lists), numbers_(numbers), columns_(columns) {}

  template <class T>
  T plain() {
    if constexpr (std::is_same_v<T, bool>) {
      return take<std::uint8_t>(bytes_) != 0;  // any other byte would be no bool
    } else {
      return take<T>(bytes_);
    }
  }
  template <class Enum>
  Enum one_of(Enum last) {
    const auto number = take<std::underlying_type_t<Enum>>(bytes_);
    if (number > static_cast<std::underlying_type_t<Enum>>(last)) throw Error("declares what no host knows");
    return static_cast<Enum>(number);
  }
  std::string_view text() { return texts_.emplace_back(take_text(bytes_)); }
  std::uint64_t count() {
    const auto n = plain<std::uint64_t>();
    if (n > most_items) throw Error("declares more than any plugin has");
    return n;
  }
  template <class T>
  std::vector<T> all() {
    std::vector<T> items;
    for (auto n = count(); n > 0; --n) read(items.emplace_back());
    return items;
  }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  void read(Range& range) {
    range.low = plain<double>();
    range.high = plain<double>();
    range.above = plain<bool>();
  }
  void read(ColumnInfo& column) {
    column.name = text();
    column.doc = text();
    column.text = plain<bool>();
    column.required = plain<bool>();
    column.dimension = plain<Dimension>();
    read(column.range);
    column.display = text();
    column.key = plain<bool>();
  }
  void read(PortInfo& port) {
    port.name = text();
    port.doc = text();
    port.type = one_of(last_port_type);
    port.optional = plain<bool>();
    port.required = plain<bool>();
    port.need = one_of(PortNeed::parity);
    port.dimension = plain<Dimension>();
    port.fallback = plain<double>();
    read(port.range);
    auto& choices = lists_.emplace_back();
    for (auto n = count(); n > 0; --n) choices.push_back(text());
    port.choices = choices;
    port.interface = text();
    port.interface_layout = plain<std::uint64_t>();
    port.display = text();
    port.banded = plain<bool>();
    port.cheap_set = plain<std::uint32_t>();
    port.index = text();
    port.shortest = plain<std::uint32_t>();
    port.longest = plain<std::uint32_t>();
    port.columns = columns_.emplace_back(all<ColumnInfo>());
  }
  void read(LimitInfo& limit) {
    limit.name = text();
    limit.doc = text();
    limit.hard = plain<bool>();
    for (PortReference* side : {&limit.used, &limit.bound}) {
      side->side = one_of(PortReference::Side::output);
      side->index = static_cast<std::size_t>(plain<std::uint64_t>());
    }
    limit.equation = text();
    for (auto* inputs : {&limit.tightens, &limit.loosens}) {
      auto& list = numbers_.emplace_back();
      for (auto n = count(); n > 0; --n) list.push_back(static_cast<std::size_t>(plain<std::uint64_t>()));
      *inputs = list;
    }
  }
  void read(RuleInfo& rule) { rule.text = text(); }
  void read(MonotoneInfo& promise) {
    promise.input = static_cast<std::size_t>(plain<std::uint64_t>());
    promise.output = static_cast<std::size_t>(plain<std::uint64_t>());
    promise.rises = plain<bool>();
  }
  void read(OptionInfo& option) {
    option.name = text();
    option.doc = text();
    option.type = one_of(OptionType::conditions);
    option.required = plain<bool>();
    option.dimension = plain<Dimension>();
    option.any_dimension = plain<bool>();
    option.number_fallback = plain<double>();
    option.text_fallback = text();
  }

  std::string_view bytes_;
  std::deque<std::string>& texts_;
  std::deque<std::vector<std::string_view>>& lists_;
  std::deque<std::vector<std::size_t>>& numbers_;
  std::deque<std::vector<ColumnInfo>>& columns_;
};

[[noreturn]] void refuse_here() { throw Error("its plugin is open in another process only"); }

class DeclaredSolver final : public Solver {
 public:
  explicit DeclaredSolver(Reader& from)
      : about_{from.text(), from.text(), from.text()},
        inputs_(from.all<PortInfo>()),
        outputs_(from.all<PortInfo>()),
        limits_(from.all<LimitInfo>()),
        rules_(from.all<RuleInfo>()),
        monotone_(from.all<MonotoneInfo>()) {
    for (const LimitInfo& limit : limits_) {
      for (const auto inputs : {limit.tightens, limit.loosens})
        for (const std::size_t input : inputs)
          if (input >= inputs_.size()) throw Error("declares a limit over an input that it does not have");
      for (const PortReference& side : {limit.used, limit.bound})
        if (side.index >= (side.side == PortReference::Side::input ? inputs_ : outputs_).size())
          throw Error("declares a limit over a port that it does not have");
    }
    for (const MonotoneInfo& promise : monotone_)
      if (promise.input >= inputs_.size() || promise.output >= outputs_.size())
        throw Error("promises something of a port that it does not have");
  }

 private:
  const About& do_about() const noexcept override { return about_; }
  std::span<const PortInfo> do_inputs() const noexcept override { return inputs_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return outputs_; }
  std::span<const LimitInfo> do_limits() const noexcept override { return limits_; }
  std::span<const RuleInfo> do_rules() const noexcept override { return rules_; }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return monotone_; }
  void do_evaluate(const Block&) const override { refuse_here(); }
  About about_;
  std::vector<PortInfo> inputs_, outputs_;
  std::vector<LimitInfo> limits_;
  std::vector<RuleInfo> rules_;
  std::vector<MonotoneInfo> monotone_;
};

/// Its objects are marks that stand for those which the kind makes in the other process.
class DeclaredKind final : public Kind {
 public:
  explicit DeclaredKind(Reader& from)
      : about_{from.text(), from.text()},
        interface_(from.text()),
        layout_(from.plain<std::uint64_t>()),
        fields_(from.all<PortInfo>()) {}

 private:
  const About& do_about() const noexcept override { return about_; }
  std::string_view do_interface() const noexcept override { return interface_; }
  std::uint64_t do_interface_layout() const noexcept override { return layout_; }
  std::span<const PortInfo> do_fields() const noexcept override { return fields_; }
  std::size_t do_size() const noexcept override { return 1; }
  std::size_t do_alignment() const noexcept override { return 1; }
  const void* do_construct(void* where, std::span<const Cell>, std::string_view) const override { return where; }
  void do_destroy(void*) const noexcept override {}
  About about_;
  std::string_view interface_;
  std::uint64_t layout_;
  std::vector<PortInfo> fields_;
};

class DeclaredStudy final : public Study {
 public:
  explicit DeclaredStudy(Reader& from) : about_{from.text(), from.text()}, options_(from.all<OptionInfo>()) {}

 private:
  const About& do_about() const noexcept override { return about_; }
  std::span<const OptionInfo> do_options() const noexcept override { return options_; }
  void do_run(Bench&, const Options&) const override { refuse_here(); }
  About about_;
  std::vector<OptionInfo> options_;
};

template <class Callback>
class DeclaredCallback final : public CallbackType<Callback> {
 public:
  explicit DeclaredCallback(Reader& from) : about_{from.text(), from.text()}, options_(from.all<OptionInfo>()) {}
  const typename CallbackType<Callback>::About& about() const noexcept override { return about_; }
  std::span<const OptionInfo> options() const noexcept override { return options_; }
  Callback* create(const Options&) const override { refuse_here(); }
  void destroy(Callback*) const noexcept override {}

 private:
  typename CallbackType<Callback>::About about_;
  std::vector<OptionInfo> options_;
};

struct DeclaredLibrary : Library {
  std::deque<std::string> texts;
  std::deque<std::vector<std::string_view>> lists;
  std::deque<std::vector<std::size_t>> numbers;
  std::deque<std::vector<ColumnInfo>> columns;
  std::deque<DeclaredSolver> solvers;
  std::deque<DeclaredKind> kinds;
  std::deque<DeclaredStudy> studies;
  std::deque<DeclaredCallback<Observer>> observers;
  std::deque<DeclaredCallback<Guard>> guards;
  std::deque<DeclaredImporter> importers;

  template <class Component>
  void read(Reader& reader, std::deque<Component>& to) {
    for (auto n = reader.count(); n > 0; --n) components.add(to.emplace_back(reader));
  }
};

std::string failed(const Library& library) {
  std::string bytes;
  put(bytes, library.status);
  put(bytes, std::string_view(library.detail));
  return bytes;
}

}  // namespace

std::string declarations_of(const Library& library) {
  std::string bytes = failed(library);
  library.components.for_each_sort([&](const auto& named) {
    put(bytes, static_cast<std::uint64_t>(named.size()));
    for (const auto& [name, component] : named) write(bytes, *component);
  });
  return bytes;
}

std::shared_ptr<const Library> declared_library(std::string_view bytes, const std::filesystem::path& canonical,
                                                const std::string& plugin, const PluginOpening& opening) {
  auto library = std::make_shared<DeclaredLibrary>();
  Reader reader(bytes, library->texts, library->lists, library->numbers, library->columns);
  library->status = reader.one_of(LoadStatus::crashed);
  library->detail = reader.text();
  library->read(reader, library->solvers);
  library->read(reader, library->kinds);
  library->read(reader, library->studies);
  library->read(reader, library->observers);
  library->read(reader, library->guards);
  for (auto n = reader.count(); n > 0; --n) {
    const Importer::About about{reader.text(), reader.text(), reader.text()};
    library->components.add(library->importers.emplace_back(about, canonical, plugin, opening));
  }
  if (!reader.at_end()) throw Error("declares more than it should");
  return library;
}

std::shared_ptr<const Library> declare_library(const std::filesystem::path& canonical, const std::string& plugin,
                                               const PluginOpening& opening) {
  const auto open_there = [&] {
    const int spare = memfd_create("nobody's", MFD_CLOEXEC);
    std::string declarations = declarations_of(open_library(canonical, plugin));
    // The processes that compute need the descriptors that they have.
    if (fcntl(spare, F_GETFD) < 0) throw Error("closed a descriptor that it did not open");
    return declarations;
  };
  const auto end = run_confined(open_there, {.seconds = opening.most_seconds}, {.memory = opening.most_bytes});
  std::string failure = end.failure;
  if (end.done) {
    try {
      return declared_library(end.bytes, canonical, plugin, opening);
    } catch (const Error& e) {
      failure = e.what();
    }
  }
  auto library = std::make_shared<DeclaredLibrary>();
  library->status = LoadStatus::crashed;
  library->detail = failure + " while it was opened";
  return library;
}

}  // namespace ironlaw::host

#pragma once
// Makes a Study or Importer of a class derived from one with a static `about`, and an ObserverType or GuardType of a class
// derived from Observer or Guard with a static `about` and a constructor from Options. Each may have a static array of
// OptionInfo, `options`.
#include <ironlaw/callback.hpp>
#include <ironlaw/importer.hpp>
#include <ironlaw/sdk/never_destroyed.hpp>
#include <ironlaw/study.hpp>

#include <type_traits>

namespace ironlaw {
namespace detail {

template <class C>
constexpr std::span<const OptionInfo> declared_options() {
  if constexpr (requires { std::span<const OptionInfo>(C::options); }) {
    return C::options;
  } else {
    return {};
  }
}

template <class S>
class StudyAdapter final : public S {
  const Study::About& do_about() const noexcept override { return S::about; }
  std::span<const OptionInfo> do_options() const noexcept override { return declared_options<S>(); }
};

template <class I>
class ImporterAdapter final : public I {
  const Importer::About& do_about() const noexcept override { return I::about; }
};

template <class Callback, class C>
class CallbackAdapter final : public CallbackType<Callback> {
 public:
  static_assert(std::is_constructible_v<C, const Options&>, "an observer or guard is made from its options");

  [[nodiscard]] const typename CallbackType<Callback>::About& about() const noexcept override { return C::about; }
  [[nodiscard]] std::span<const OptionInfo> options() const noexcept override { return declared_options<C>(); }
  [[nodiscard]] Callback* create(const Options& options) const override { return new C(options); }
  void destroy(Callback* callback) const noexcept override { delete static_cast<C*>(callback); }
};

}  // namespace detail

template <class S>
inline const detail::StudyAdapter<S>& study_adapter = detail::only_instance<detail::StudyAdapter<S>>.value;
template <class I>
inline const detail::ImporterAdapter<I>& importer_adapter = detail::only_instance<detail::ImporterAdapter<I>>.value;
template <class C>
inline const detail::CallbackAdapter<Observer, C>& observer_adapter =
    detail::only_instance<detail::CallbackAdapter<Observer, C>>.value;
template <class C>
inline const detail::CallbackAdapter<Guard, C>& guard_adapter = detail::only_instance<detail::CallbackAdapter<Guard, C>>.value;

}  // namespace ironlaw

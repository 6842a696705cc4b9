#pragma once
#include <ironlaw/callback.hpp>
#include <ironlaw/importer.hpp>
#include <ironlaw/kind.hpp>
#include <ironlaw/study.hpp>

namespace ironlaw {

/// Takes what a plugin brings. Components live as long as the plugin's library, which is until exit; nothing counts unless the
/// whole entry succeeds.
class IRONLAW_API Registrar {
 public:
  virtual void add(const Solver& solver) = 0;
  virtual void add(const Kind& kind) = 0;
  virtual void add(const Study& study) = 0;
  virtual void add(const ObserverType& observer) = 0;
  virtual void add(const GuardType& guard) = 0;
  virtual void add(const Importer& importer) = 0;

 protected:
  Registrar() = default;
  Registrar(const Registrar&) = default;
  Registrar& operator=(const Registrar&) = default;
  virtual ~Registrar();
};

}  // namespace ironlaw

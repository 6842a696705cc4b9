#include "text/json.hpp"
#include "plan/plan.hpp"
#include <ironlaw/host/session.hpp>

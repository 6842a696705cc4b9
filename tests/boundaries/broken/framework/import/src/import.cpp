#include <ironlaw/host/session.hpp>
#include "plan/plan.hpp"
#include "text/json.hpp"

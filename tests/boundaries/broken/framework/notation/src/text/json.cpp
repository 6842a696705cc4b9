#include "text/json.hpp"
#include "plan/plan.hpp"
#include <ironlaw/catalog/zoo.hpp>

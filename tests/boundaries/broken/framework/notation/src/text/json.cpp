#include "text/json.hpp"
#include <ironlaw/catalog/zoo.hpp>
#include "plan/plan.hpp"

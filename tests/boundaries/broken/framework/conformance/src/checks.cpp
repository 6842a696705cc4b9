#include <ironlaw/pages/chart.hpp>
#include "plan/plan.hpp"

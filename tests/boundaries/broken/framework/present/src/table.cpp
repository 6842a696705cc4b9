#include "plan/plan.hpp"
#include <ironlaw/pages/chart.hpp>
#include <duktape.h>

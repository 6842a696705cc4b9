#include "plan/plan.hpp"
#include <duktape.h>
#include <ironlaw/import/import.hpp>

#include <duktape.h>
#include <ironlaw/import/import.hpp>
#include "plan/plan.hpp"

#include "plan.hpp"
#include "missing.hpp"
#include "run/run.hpp"
#include <duktape.h>

#include "plan.hpp"
#include <duktape.h>
#include "missing.hpp"
#include "run/run.hpp"

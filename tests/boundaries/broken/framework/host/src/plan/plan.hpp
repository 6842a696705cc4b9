#pragma once
#include "text/json.hpp"
#include "../../../cli/main.hpp"
#include <ironlaw/sdk/ports.hpp>

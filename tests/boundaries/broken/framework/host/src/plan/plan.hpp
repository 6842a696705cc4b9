#pragma once
#include <ironlaw/sdk/ports.hpp>
#include "../../../cli/main.hpp"
#include "text/json.hpp"

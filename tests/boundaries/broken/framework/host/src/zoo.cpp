#include <ironlaw/host/zoo.hpp>
#include <ironlaw/sdk/ports.hpp>
#include "../../cli/main.hpp"

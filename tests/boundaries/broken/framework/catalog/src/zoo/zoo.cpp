#include <yaml-cpp/yaml.h>
#include <ironlaw/host/session.hpp>
#include "text/json.hpp"

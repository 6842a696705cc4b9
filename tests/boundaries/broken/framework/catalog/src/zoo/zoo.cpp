#include "text/json.hpp"
#include <ironlaw/host/session.hpp>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include "server/server.hpp"

#include "server/server.hpp"
#include <nlohmann/json.hpp>

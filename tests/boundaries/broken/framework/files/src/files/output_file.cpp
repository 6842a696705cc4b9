#include "text/json.hpp"
#include <ironlaw/catalog/zoo.hpp>

#include <ironlaw/catalog/zoo.hpp>
#include "text/json.hpp"

#include "one.hpp"
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/sdk/ports.hpp>
#include "../two/two.hpp"
#include "missing.hpp"

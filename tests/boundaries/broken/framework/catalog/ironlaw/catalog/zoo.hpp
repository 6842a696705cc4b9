#pragma once
#include <ironlaw/notation/units.hpp>

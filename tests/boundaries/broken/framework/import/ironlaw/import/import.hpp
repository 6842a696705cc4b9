#pragma once
#include <ironlaw/catalog/zoo.hpp>

#pragma once
#include <ironlaw/catalog/zoo.hpp>
#include <nlohmann/json.hpp>

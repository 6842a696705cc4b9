#pragma once
#include <ironlaw/host/zoo.hpp>
#include <nlohmann/json.hpp>

#pragma once
// Questions as JSON that are nearly right.
#include "choices.hpp"

#include <nlohmann/json.hpp>

namespace ironlaw::hostile {

using Json = nlohmann::ordered_json;

/// A value of a config, right or wrong; lists and objects of at most `depth` levels.
Json json_value(Choices& choices, std::size_t depth = 2);
std::string solver_name(Choices& choices);
/// What a solver needs, nearly always, and more.
Json inputs(Choices& choices, const std::string& solver);
Json config(Choices& choices);

}  // namespace ironlaw::hostile

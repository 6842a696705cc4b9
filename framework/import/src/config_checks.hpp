#pragma once
// What is wrong with a config before anything is counted, and which of its keys a fact stands on.
#include "architectures.hpp"

namespace ironlaw::host {

/// The key of a config that a fact of `a` stands on first: "h" is hidden_size, "kv_heads" num_key_value_heads. A name that is
/// none of its facts is a key already.
[[nodiscard]] std::string key_behind(const Architecture& a, std::string name);

/// Throws InputError at the key's pointer: lists of layers' kinds that name a kind which the row does not tell apart, factors of
/// positions that are no positive number.
void check_config(const Architecture& a, const Json& config, const std::string& where);

}  // namespace ironlaw::host

#pragma once
// What is said of words that the program does not know: the nearest right ones, and where they would be right.
#include "command.hpp"

#include <string>

namespace ironlaw::cli {

/// "see ironlaw solve serving --help": of the innermost command that was said, and of what it is about.
[[nodiscard]] std::string help_of_command(const CLI::App& app);

/// Throws InputError for the first word that no command took.
[[noreturn]] void refuse_unknown_word(const CLI::App& app);

/// Throws InputError for a first word that is no command; it may be something that a command takes: "ironlaw serving".
void check_command(const CLI::App& app, Context& context, const std::string& word);

/// Throws InputError for what was said to the innermost command where another command should follow.
[[noreturn]] void refuse_without_command(const CLI::App& app);

}  // namespace ironlaw::cli

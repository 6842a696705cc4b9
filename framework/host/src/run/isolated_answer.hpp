#pragma once
#include <ironlaw/host/run.hpp>

#include <atomic>

namespace ironlaw::host {

/// The answer of this process; `stage` is told the number of the stage that runs where it is not null.
[[nodiscard]] Answer answer_here(const Pipeline& pipeline, std::span<const Cell> inputs, std::atomic<std::uint32_t>* stage);

/// The answer of a process of its own that opens the plugins: of a pipeline that has an origin. Where that process ends early the
/// answer has failed, with the reason. `inputs` replaces the base where not empty; they must be of a pipeline whose plugins are
/// open here. Throws InputError or PluginError where it cannot compile the pipeline.
[[nodiscard]] Answer isolated_answer(const Pipeline& pipeline, std::span<const Cell> inputs);

/// Has the inputs and outputs of an answer be what guards made of them, where nothing else reads them.
void show_amended(const Pipeline& pipeline, Answer& a);

}  // namespace ironlaw::host

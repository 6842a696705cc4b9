#pragma once
// The checks, one a function; each runs in a process of its own.
#include "specimen.hpp"

namespace ironlaw::host {

/// Of the file as it lies: nothing of it runs.
[[nodiscard]] Finding check_exports(const std::filesystem::path& file);
[[nodiscard]] Finding check_manifest(const PluginRecord& record);

/// Of loading and unloading.
[[nodiscard]] Finding check_load(const std::filesystem::path& file, const ConformanceOptions& options);
[[nodiscard]] Finding check_standard_output(const std::filesystem::path& file, const ConformanceOptions& options);
[[nodiscard]] Finding check_process(const std::filesystem::path& file, const ConformanceOptions& options);
[[nodiscard]] Finding check_leaks(const std::filesystem::path& file, const ConformanceOptions& options);

/// Of what the components declare.
[[nodiscard]] Finding check_declarations(Specimen& specimen);

/// Of what the components answer.
[[nodiscard]] Finding check_objects(Specimen& specimen);
[[nodiscard]] Finding check_in_range(Specimen& specimen, std::size_t rows);
[[nodiscard]] Finding check_out_of_range(Specimen& specimen);
[[nodiscard]] Finding check_pure(Specimen& specimen, std::size_t rows);
[[nodiscard]] Finding check_threads(Specimen& specimen, std::size_t rows);
[[nodiscard]] Finding check_monotone(Specimen& specimen, std::size_t rows);

/// Of a solver beside its inputs: nothing is kept from row to row, and no file is read.
[[nodiscard]] Finding check_apart(const std::filesystem::path& file, const ConformanceOptions& options);
[[nodiscard]] Finding check_files(Specimen& specimen, std::size_t rows);

/// Of what runs pipelines. `seconds`: that one run may take.
[[nodiscard]] Finding check_studies(Specimen& specimen, double seconds);
[[nodiscard]] Finding check_callbacks(Specimen& specimen, double seconds);

/// Of what reads files of other tools.
[[nodiscard]] Finding check_importers(Specimen& specimen);

/// Of the author's own questions and answers.
[[nodiscard]] Finding check_golden(Specimen& specimen, const std::filesystem::path& golden);

}  // namespace ironlaw::host

#pragma once
// Everything the author of a plugin includes.
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>
#include <ironlaw/sdk/plugin.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/sdk/study_rows.hpp>
#include <ironlaw/sdk/wrapping.hpp>
#include <ironlaw/workload.hpp>

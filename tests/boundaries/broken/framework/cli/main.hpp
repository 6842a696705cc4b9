#pragma once
#include <CLI/CLI.hpp>
#include <boost/dll/shared_library.hpp>
#include <ironlaw/pages/chart.hpp>
#include "plan/plan.hpp"

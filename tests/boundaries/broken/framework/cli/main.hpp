#pragma once
#include <CLI/CLI.hpp>
#include <boost/dll/shared_library.hpp>
#include <ironlaw/host/zoo.hpp>

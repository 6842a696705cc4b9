#pragma once
#include <boost/dll/shared_library.hpp>
#include <CLI/CLI.hpp>
#include <ironlaw/host/zoo.hpp>

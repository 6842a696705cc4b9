#pragma once
#include <ironlaw/present/report.hpp>

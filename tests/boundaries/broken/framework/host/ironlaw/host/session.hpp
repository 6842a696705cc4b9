#pragma once
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/present/report.hpp>

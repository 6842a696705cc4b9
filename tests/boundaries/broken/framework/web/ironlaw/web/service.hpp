#pragma once
#include <boost/beast/core.hpp>

#include <ironlaw/pages/chart.hpp>

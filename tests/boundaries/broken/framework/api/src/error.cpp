#include <boost/dll/shared_library.hpp>
#include <ironlaw/solver.hpp>

#include <ironlaw/solver.hpp>
#include <boost/dll/shared_library.hpp>

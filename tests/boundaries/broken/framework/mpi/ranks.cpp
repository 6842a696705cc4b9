#include <mpi.h>
#include <ironlaw/host/session.hpp>
#include <ironlaw/present/report.hpp>

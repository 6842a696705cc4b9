#pragma once
#include <ironlaw/host/session.hpp>

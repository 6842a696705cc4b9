// A manifest without the function it promises.
#include "hand_written.hpp"

#pragma once

/// From here on, larger allocations end at a page that nobody may touch. Those of before (the zoo's are many) would leave none.
void guard_heap();

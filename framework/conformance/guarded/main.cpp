// Runs a plugin's components over rows while its memory is guarded; started by `ironlaw plugin check`.
#include "guarded_heap.hpp"
#include "guarded_task.hpp"

int main(int argc, char** argv) { return ironlaw::host::run_guarded_task(argc, argv, guard_heap); }

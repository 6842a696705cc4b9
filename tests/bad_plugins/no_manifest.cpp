// A shared library like any other.
extern "C" __attribute__((visibility("default"))) int ironlaw_plugin_entry_v1() { return 0; }

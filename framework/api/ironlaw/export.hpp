#pragma once
// IRONLAW_API marks what libironlaw.so exports; IRONLAW_PLUGIN_EXPORT the two symbols a plugin exports.
#define IRONLAW_API __attribute__((visibility("default")))
#define IRONLAW_PLUGIN_EXPORT __attribute__((visibility("default")))

/* The C half of the plugin contract: plain data without pointers, and one function. Nothing here changes within manifest version 1. */
#pragma once
#include <stdint.h>

#define IRONLAW_SDK_MAJOR 0
#define IRONLAW_SDK_MINOR 1
#define IRONLAW_SDK_PATCH 0

#define IRONLAW_MANIFEST_SECTION ".ironlaw_manifest"
#define IRONLAW_MANIFEST_MAGIC "IRONLAW-PLUGIN"
#define IRONLAW_MANIFEST_VERSION 1u
/* Products and sums are rounded one by one on every machine: -ffp-contract=off. */
#define IRONLAW_BUILD_UNFUSED 1u
#define IRONLAW_ENTRY_SYMBOL "ironlaw_plugin_entry_v1"

#ifdef __cplusplus
extern "C" {
#endif

/* One thing that a plugin brings: what ("solver", "kind", "study", "observer", "guard", "importer") and its name; or, behind a solver, one that
   it calls ("calls"). */
typedef struct ironlaw_provides_v1 {
  char what[16];
  char name[48];
} ironlaw_provides_v1;

/* Read from the file before the loader runs one instruction of it. `provides_count` ironlaw_provides_v1 follow it directly. */
typedef struct ironlaw_manifest_v1 {
  char magic[16];
  uint32_t struct_size;      /* sizeof(ironlaw_manifest_v1) */
  uint32_t manifest_version; /* IRONLAW_MANIFEST_VERSION */
  uint16_t sdk_major, sdk_minor, sdk_patch;
  uint16_t build; /* IRONLAW_BUILD_... of how it was compiled */
  uint64_t fingerprint_hash; /* FNV-1a of `fingerprint` */
  char fingerprint[192];     /* readable: architecture, standard library, debug mode, SDK, interface revision, layout */
  char name[48];
  char version[32];
  char licence[48];
  uint32_t provides_count;
  uint32_t provides_size; /* sizeof(ironlaw_provides_v1) */
} ironlaw_manifest_v1;

typedef struct ironlaw_entry_args_v1 {
  uint32_t struct_size;
  uint32_t error_size; /* bytes at `error` */
  uint64_t host_fingerprint_hash;
  void* registrar; /* ironlaw::Registrar*, touched only after both hashes agree */
  char* error;     /* written by the plugin on failure, zero terminated */
} ironlaw_entry_args_v1;

/* 0: everything is registered. Anything else: nothing may be used, `error` says why. */
typedef int32_t (*ironlaw_plugin_entry_v1_fn)(const ironlaw_entry_args_v1* args);

#ifdef __cplusplus
}
#endif

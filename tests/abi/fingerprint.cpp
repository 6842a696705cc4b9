// Prints what plugins and host compare: the fingerprint of these headers.
#include <ironlaw/fingerprint.hpp>

#include <cstdio>

int main() { std::printf("%s\n", ironlaw::fingerprint_text.data()); }

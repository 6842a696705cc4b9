#pragma once

/// Says what it is.
template <class T>
struct Said {
  T value;
};
struct Silent {
  int value;
};

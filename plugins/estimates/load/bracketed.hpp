#pragma once

namespace ironlaw::load {

/// A bracket of what is looked for, and how far off its ends are: below zero, and above.
template <class T>
struct Bracket {
  T low;
  double off_low;
  T high;
  double off_high;
};

/// Secants within the bracket (Illinois), from `guess` on, until `off` is within `enough` of 0 or the bracket within a share
/// `narrow` of its upper end.
template <class T, class Off>
T settle_in(Bracket<T> in, T guess, double enough, double narrow, Off&& off_at) {
  for (int i = 0, side = 0; i < 22 && in.high - in.low > narrow * in.high; ++i) {
    const double off = off_at(guess);
    if (off < enough && off > -enough) break;
    if (off > 0) {
      in.high = guess;
      in.off_high = off;
      if (side == 1) in.off_low /= 2;
      side = 1;
    } else {
      in.low = guess;
      in.off_low = off;
      if (side == -1) in.off_high /= 2;
      side = -1;
    }
    guess = in.low + (in.high - in.low) * (in.off_low / (in.off_low - in.off_high));
  }
  return guess;
}

}  // namespace ironlaw::load

// Timing on a machine that others use too: a case and its floor take turns, and medians are kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace assay::bench {

struct Measured {
  std::string name;
  double value = 0;  // µs, the median over the rounds
  double floor = 0;  // µs, likewise
  double ratio = 0;  // the median of the ratios of single rounds
  double limit = 0;  // of the ratio; 0: none
  // Of the value itself, in µs; 0: none. For work that verifies no signature, so that its cost does
  // not scale with one: the floor then only says how fast the machine was in this run.
  double limit_us = 0;

  bool Exceeded() const {
    return (limit > 0 && ratio > limit) || (limit_us > 0 && value > limit_us);
  }
};

// `work` is timed; `prepare` runs before each call of it and is not.
struct Case {
  std::string name;
  std::function<void()> floor, prepare, work;
  double limit = 0;
  int rounds = 0;
  int calls = 0;  // of `work` and of `floor` in a round
  double limit_us = 0;
};

Measured Measure(const Case& measured);

// Measures nothing but `work`, in µs.
double MedianOf(const std::function<void()>& work, int rounds, int calls);

void PrintTable(const std::vector<Measured>& results);
// [{"name", "value", "unit", "floor", "ratio", "limit"}], and "limit_us" where there is one; false
// if the file cannot be written.
bool WriteJson(const std::vector<Measured>& results, const std::string& path);

}  // namespace assay::bench

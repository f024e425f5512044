#include "rounds.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "base/json.h"

namespace assay::bench {
namespace {

double Time(const std::function<void()>& prepare, const std::function<void()>& work, int calls) {
  std::chrono::duration<double, std::micro> sum{};
  if (!prepare) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) work();
    sum = std::chrono::steady_clock::now() - start;
    return sum.count() / calls;
  }
  for (int i = 0; i < calls; ++i) {
    prepare();
    const auto start = std::chrono::steady_clock::now();
    work();
    sum += std::chrono::steady_clock::now() - start;
  }
  return sum.count() / calls;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string LimitText(const Measured& one) {
  if (one.limit_us > 0) return fmt::format("{:.0f}us", one.limit_us);
  return one.limit > 0 ? fmt::format("{:.2f}", one.limit) : "-";
}

}  // namespace

Measured Measure(const Case& measured) {
  std::vector<double> values, floors, ratios;
  Time(measured.prepare, measured.work, measured.calls);  // warms up
  for (int i = 0; i < measured.rounds; ++i) {
    const double before = Time({}, measured.floor, measured.calls);
    const double value = Time(measured.prepare, measured.work, measured.calls);
    const double after = Time({}, measured.floor, measured.calls);
    const double floor = (before + after) / 2;
    values.push_back(value);
    floors.push_back(floor);
    ratios.push_back(value / floor);
  }
  return {measured.name,  Median(values), Median(floors),
          Median(ratios), measured.limit, measured.limit_us};
}

double MedianOf(const std::function<void()>& work, int rounds, int calls) {
  std::vector<double> values;
  for (int i = 0; i < rounds; ++i) values.push_back(Time({}, work, calls));
  return Median(values);
}

void PrintTable(const std::vector<Measured>& results) {
  fmt::print("{:<20}{:>12}{:>12}{:>9}{:>9}\n", "case", "value/µs", "floor/µs", "ratio", "limit");
  for (const Measured& one : results) {
    fmt::print("{:<20}{:>11.1f}{:>11.1f}{:>9.3f}{:>9}{}\n", one.name, one.value, one.floor,
               one.ratio, LimitText(one), one.Exceeded() ? "  EXCEEDED" : "");
  }
}

bool WriteJson(const std::vector<Measured>& results, const std::string& path) {
  json::Array list;
  for (const Measured& one : results) {
    json::Object object{{"name", one.name},   {"value", one.value}, {"unit", "us"},
                        {"floor", one.floor}, {"ratio", one.ratio}, {"limit", one.limit}};
    if (one.limit_us > 0) object.emplace_back("limit_us", one.limit_us);
    list.emplace_back(std::move(object));
  }
  std::ofstream out(path);
  out << json::Write(list) << '\n';
  return out.good();
}

}  // namespace assay::bench

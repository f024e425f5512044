// What was checked, with what outcome and why: the explanation that every verdict carries.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class Outcome {
  kPass,
  kWarn,  // trusted all the same, but a person should know
  kFail,
  kWaived,  // would have failed; the caller waived it in words
};

std::string_view OutcomeName(Outcome outcome);

// Where in the evidence the check looked; length 0 when it looked elsewhere.
struct ByteRange {
  std::size_t offset = 0;
  std::size_t length = 0;
};

struct Check {
  std::string_view name;  // stable id, "quote.signature": a literal
  Outcome outcome = Outcome::kFail;
  std::string expected;
  std::string found;
  ByteRange where;
  std::string_view clause;  // of the specification: a literal
};

// The checks in the order in which they were made. Verification goes on after a failure where later
// checks still make sense, so that all reasons are told at once.
class Trace {
 public:
  Trace() { checks_.reserve(64); }  // the longest trace has about 50

  void Add(Check check) { checks_.push_back(std::move(check)); }

  // Records `name` as passed or failed and returns `ok`.
  bool Expect(bool ok, std::string_view name, std::string expected, std::string found,
              std::string_view clause, ByteRange where = {}) {
    Add({name, ok ? Outcome::kPass : Outcome::kFail, std::move(expected), std::move(found), where,
         clause});
    return ok;
  }

  const std::vector<Check>& checks() const { return checks_; }
  std::vector<Check> TakeChecks() && { return std::move(checks_); }
  bool failed() const;

 private:
  std::vector<Check> checks_;
};

}  // namespace assay

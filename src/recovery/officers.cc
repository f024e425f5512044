#include "recovery/officers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace assay::recovery {
namespace {

constexpr std::string_view kOfficersFile = "recovery officers";
constexpr std::int64_t kLeastThreshold = 2;

tl::unexpected<Error> BadOfficers(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", kOfficersFile, message),
              "docs/keys.md shows the file");
}

bool IsOfficerName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
  return !name.empty() && name.size() <= limits::kMachineNameBytes &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<Officer> ReadOfficer(const json::Value& value) {
  const std::string name = TRY(value.String("name", kOfficersFile));
  if (!IsOfficerName(name)) {
    return BadOfficers(fmt::format("name: expected up to {} letters, digits, '.', '_', '-' and '@'",
                                   limits::kMachineNameBytes));
  }
  const json::Value* const key = value.Find("key");
  if (key == nullptr) return BadOfficers(name + ": expected a key");
  VerificationKey verifier = TRY(ParseJwk(*key));
  return Officer{name, std::move(verifier)};
}

Result<void> CheckDistinct(const Officers& officers, const Officer& fresh) {
  for (const Officer& one : officers.all) {
    if (one.name == fresh.name) return BadOfficers("two are named " + fresh.name);
    if (one.key.key.SpkiDigest() == fresh.key.key.SpkiDigest()) {
      return BadOfficers(fmt::format("{} and {} have one key", one.name, fresh.name));
    }
  }
  return {};
}

}  // namespace

const Officer* Officers::Find(std::string_view name) const {
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Officer& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Result<Officers> ParseOfficers(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  Officers out;
  const json::Array& list = *TRY(document.List("officers", kOfficersFile));
  if (list.size() > limits::kRecoveryOfficers) {
    return BadOfficers(fmt::format("at most {}, found {}", limits::kRecoveryOfficers, list.size()));
  }
  for (const json::Value& one : list) {
    Officer officer = TRY(ReadOfficer(one));
    TRY_VOID(CheckDistinct(out, officer));
    out.all.push_back(std::move(officer));
  }
  const std::int64_t threshold = TRY(document.Int("threshold", kOfficersFile));
  if (threshold < kLeastThreshold || static_cast<std::size_t>(threshold) > out.all.size()) {
    return BadOfficers(fmt::format("threshold: expected {} to {}, the number of officers, found {}",
                                   kLeastThreshold, out.all.size(), threshold));
  }
  out.threshold = static_cast<std::size_t>(threshold);
  return out;
}

}  // namespace assay::recovery

#include "measure/release.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace assay::measure {
namespace {

tl::unexpected<Error> Invalid(std::string text) {
  return Fail(ErrorCode::kInvalidArgument, "release: " + std::move(text));
}

Result<void> Check(const Release& release) {
  if (release.name.empty()) return Invalid("it needs a name");
  if (release.pcrs.empty()) return Invalid("it holds no PCR");
  if (release.valid_from && release.valid_until && *release.valid_until <= *release.valid_from) {
    return Invalid("its validity ends before it begins");
  }
  if (release.successor == release.name) return Invalid("it is its own successor");
  for (const auto& [bank, values] : release.pcrs) {
    for (const std::uint32_t pcr : release.learn) {
      if (values.count(pcr) > 0) return Invalid(fmt::format("PCR {} is given and learned", pcr));
    }
  }
  return {};
}

}  // namespace

Result<json::Value> ReleaseJson(const Release& release) {
  TRY_VOID(Check(release));
  json::Object pcrs;
  for (const auto& [bank, values] : release.pcrs) {
    json::Object of_bank;
    for (const auto& [pcr, value] : values) {
      of_bank.emplace_back(std::to_string(pcr), json::Array{HexEncode(value)});
    }
    pcrs.emplace_back(std::string(tcg::Name(bank)), std::move(of_bank));
  }
  json::Object out{{"release", release.name}, {"pcrs", std::move(pcrs)}};
  json::Array learn;
  for (const std::uint32_t pcr : release.learn) learn.emplace_back(pcr);
  out.emplace_back("learn", std::move(learn));
  if (!release.ima.empty()) {
    json::Object ima;
    for (const auto& [path, digest] : release.ima) {
      ima.emplace_back(path, json::Array{"sha256:" + HexEncode(digest)});
    }
    out.emplace_back("ima", std::move(ima));
  }
  if (release.valid_from) out.emplace_back("valid_from", FormatTime(*release.valid_from));
  if (release.valid_until) out.emplace_back("valid_until", FormatTime(*release.valid_until));
  if (!release.successor.empty()) out.emplace_back("successor", release.successor);
  return json::Value(std::move(out));
}

json::Value PcrsJson(const std::map<HashAlgorithm, tcg::PcrValues>& pcrs) {
  json::Object out;
  for (const auto& [bank, values] : pcrs) {
    json::Object of_bank;
    for (const auto& [pcr, value] : values) {
      of_bank.emplace_back(std::to_string(pcr), HexEncode(value));
    }
    out.emplace_back(std::string(tcg::Name(bank)), std::move(of_bank));
  }
  return out;
}

}  // namespace assay::measure

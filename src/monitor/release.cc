#include "monitor/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "tee/tcg/replay.h"

namespace assay::monitor {
namespace {

tl::unexpected<Error> MalformedRelease(std::string message) {
  return Fail(ErrorCode::kMalformed, "release: " + std::move(message), "docs/golden-values.md");
}

Result<std::uint32_t> PcrOf(std::string_view text) {
  std::uint32_t out = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end || out >= tcg::kPcrCount) {
    return MalformedRelease(
        fmt::format("expected a PCR from 0 to 23, found \"{}\"", text.substr(0, 16)));
  }
  return out;
}

Result<std::vector<Bytes>> ValuesOf(const json::Value& values, tcg::HashAlgorithm bank) {
  if (values.AsArray() == nullptr || values.AsArray()->empty() ||
      values.AsArray()->size() > limits::kReleaseValues) {
    return MalformedRelease(
        fmt::format("expected 1 to {} values for each PCR", limits::kReleaseValues));
  }
  std::vector<Bytes> out;
  for (const json::Value& one : *values.AsArray()) {
    if (one.AsString() == nullptr) return MalformedRelease("a value of a PCR is not a string");
    out.push_back(TRY(HexDecode(*one.AsString())));
    if (out.back().size() != tcg::DigestSize(bank)) {
      return MalformedRelease(fmt::format("expected values of {} bytes for {}",
                                          tcg::DigestSize(bank), tcg::Name(bank)));
    }
  }
  return out;
}

Result<void> ReadPcrs(const json::Value& document, Release& out) {
  const json::Value* const pcrs = document.Find("pcrs");
  if (pcrs == nullptr || pcrs->AsObject() == nullptr || pcrs->AsObject()->empty()) {
    return MalformedRelease("expected \"pcrs\" with a bank");
  }
  for (const auto& [name, values] : *pcrs->AsObject()) {
    const auto bank = tcg::HashAlgorithmNamed(name);
    if (!bank || values.AsObject() == nullptr) {
      return MalformedRelease(fmt::format("unknown bank \"{}\"", name.substr(0, 16)));
    }
    out.pcrs[*bank];  // also when it pins nothing: its PCRs are learned then
    for (const auto& [pcr, list] : *values.AsObject()) {
      out.pcrs[*bank][TRY(PcrOf(pcr))] = TRY(ValuesOf(list, *bank));
    }
  }
  return {};
}

Result<void> ReadLearn(const json::Value& document, Release& out) {
  if (document.Find("learn") == nullptr) return {};
  out.learn.emplace();
  for (const json::Value& one : *TRY(document.List("learn", "release"))) {
    if (one.AsInt() == nullptr || *one.AsInt() < 0 || *one.AsInt() >= tcg::kPcrCount) {
      return MalformedRelease("learn: expected PCRs from 0 to 23");
    }
    out.learn->insert(static_cast<std::uint32_t>(*one.AsInt()));
  }
  return {};
}

Result<void> ReadFiles(const json::Value& document, Release& out) {
  const json::Value* const files = document.Find("ima");
  if (files == nullptr) return {};
  if (files->AsObject() == nullptr || files->AsObject()->size() > limits::kReleaseFiles) {
    return MalformedRelease(fmt::format("ima: expected at most {} files", limits::kReleaseFiles));
  }
  out.files.emplace();
  for (const auto& [path, digests] : *files->AsObject()) {
    std::set<std::string>& known = (*out.files)[path];
    if (digests.AsArray() == nullptr)
      return MalformedRelease("ima: expected digests for each file");
    for (const json::Value& one : *digests.AsArray()) {
      if (one.AsString() == nullptr || one.AsString()->find(':') == std::string::npos) {
        return MalformedRelease("ima: expected digests as \"sha256:...\"");
      }
      known.insert(*one.AsString());
    }
  }
  return {};
}

Result<void> ReadExceptions(const json::Value& document, Release& out) {
  if (document.Find("ima_except") == nullptr) return {};
  for (const json::Value& one : *TRY(document.List("ima_except", "release"))) {
    const std::string* const prefix = one.AsString();
    if (prefix == nullptr || !prefix->starts_with('/') || !prefix->ends_with('/')) {
      return MalformedRelease("ima_except: expected folders, each beginning and ending with '/'");
    }
    out.files_except.push_back(*prefix);
  }
  return {};
}

Result<std::optional<Time>> OptionalTime(const json::Value& document, std::string_view name) {
  if (document.Find(name) == nullptr) return std::nullopt;
  return TRY(ParseTime(TRY(document.String(name, "release"))));
}

Result<void> RefuseOtherMembers(const json::Value& document) {
  constexpr std::array<std::string_view, 9> kMembers = {"release",     "pcrs",       "learn",
                                                        "ima",         "ima_except", "valid_from",
                                                        "valid_until", "successor",  "retired"};
  if (document.AsObject() == nullptr) return MalformedRelease("expected an object");
  for (const auto& [name, value] : *document.AsObject()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      return MalformedRelease(fmt::format("unknown member \"{}\"", name.substr(0, 32)));
    }
  }
  return {};
}

json::Object PcrsJson(const Release& release) {
  json::Object out;
  for (const auto& [bank, pcrs] : release.pcrs) {
    json::Object values;
    for (const auto& [pcr, list] : pcrs) {
      json::Array digests;
      for (const Bytes& one : list) digests.emplace_back(HexEncode(one));
      values.emplace_back(std::to_string(pcr), std::move(digests));
    }
    out.emplace_back(std::string(tcg::Name(bank)), std::move(values));
  }
  return out;
}

json::Object FilesJson(const Release& release) {
  json::Object out;
  for (const auto& [path, digests] : *release.files) {
    json::Array list;
    for (const std::string& one : digests) list.emplace_back(one);
    out.emplace_back(path, std::move(list));
  }
  return out;
}

}  // namespace

bool IsReleaseName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= limits::kMachineNameBytes && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<Release> ReleaseFromJson(std::string_view text) {
  const json::Value document = TRY(json::Parse(text));
  TRY_VOID(RefuseOtherMembers(document));
  Release out;
  out.name = TRY(document.String("release", "release"));
  if (document.Find("successor") != nullptr) {
    out.successor = TRY(document.String("successor", "release"));
  }
  const bool names =
      IsReleaseName(out.name) && (out.successor.empty() || IsReleaseName(out.successor));
  if (!names || out.name == out.successor) {
    return MalformedRelease(
        "a name has letters, digits, '.', '_' and '-'; a successor is another one");
  }
  TRY_VOID(ReadPcrs(document, out));
  TRY_VOID(ReadLearn(document, out));
  TRY_VOID(ReadFiles(document, out));
  TRY_VOID(ReadExceptions(document, out));
  out.valid_from = TRY(OptionalTime(document, "valid_from"));
  out.valid_until = TRY(OptionalTime(document, "valid_until"));
  const json::Value* const retired = document.Find("retired");
  out.retired = retired != nullptr && retired->AsBool() != nullptr && *retired->AsBool();
  return out;
}

json::Object ReleaseJson(const Release& release) {
  json::Object out{{"release", release.name}, {"pcrs", PcrsJson(release)}};
  if (release.learn) {
    json::Array learn;
    for (const std::uint32_t pcr : *release.learn) learn.emplace_back(std::int64_t{pcr});
    out.emplace_back("learn", std::move(learn));
  }
  if (release.files) out.emplace_back("ima", FilesJson(release));
  if (!release.files_except.empty()) {
    json::Array except;
    for (const std::string& one : release.files_except) except.emplace_back(one);
    out.emplace_back("ima_except", std::move(except));
  }
  if (release.valid_from) out.emplace_back("valid_from", FormatTime(*release.valid_from));
  if (release.valid_until) out.emplace_back("valid_until", FormatTime(*release.valid_until));
  if (!release.successor.empty()) out.emplace_back("successor", release.successor);
  if (release.retired) out.emplace_back("retired", true);
  return out;
}

}  // namespace assay::monitor

#include "tee/tpm/boot_documents.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/certificate.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/event_type_name.h"
#include "tee/tcg/sipa.h"
#include "tee/tcg/uefi.h"
#include "tee/tcg/windows_boot.h"
#include "tee/tpm/sipa_json.h"

namespace assay::tpm {
namespace {

constexpr std::uint32_t kFirmwarePcrEnd = 8;  // PCR 0 to 7 are the firmware's until its separator
constexpr std::uint32_t kFirstWindowsPcr = 11, kLastWindowsPcr = 14;

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool IsVariable(std::uint32_t type) {
  return type == tcg::kEvEfiVariableDriverConfig || type == tcg::kEvEfiVariableBoot ||
         type == tcg::kEvEfiVariableBoot2 || type == tcg::kEvEfiVariableAuthority;
}

// Old firmware measured the value alone: then nobody knows which variable it was.
json::Value VariableJson(const tcg::Event& event) {
  const auto variable = tcg::ParseVariable(event.data);
  if (!variable) return nullptr;
  json::Member value{"VariableData", Base64UrlEncode(variable->data)};
  if (tcg::DigestsItsData(event)) {
    return json::Object{{"VariableGuid", Upper(tcg::GuidText(variable->vendor))},
                        {"UnicodeName", variable->name},
                        std::move(value)};
  }
  if (tcg::DigestIsOf(event, variable->data)) return json::Object{std::move(value)};
  return nullptr;
}

json::Value TextJson(const tcg::Event& event) {
  const auto text = tcg::MeasuredText(event);
  if (!text) return nullptr;
  std::string shown;
  for (const char c : AsText(*text)) shown.push_back(c >= ' ' && c <= '~' ? c : '?');
  return json::Object{{"String", std::move(shown)}};
}

class EventsWriter {
 public:
  EventsWriter(const Found& found, const tcg::EventLog& log)
      : found_(found), windows_(OfWindows(log)) {
    for (const tcg::Event& event : log.events) Add(event);
  }

  json::Array TakeEvents() { return std::move(events_); }

 private:
  // Events of Windows count together or not at all: one that is missing may be the worst.
  bool OfWindows(const tcg::EventLog& log) const {
    const auto boot = tcg::ReadWindowsBoot(log);
    return boot && boot->has_value() && tcg::WindowsPcrsAmong(log, found_.quoted);
  }

  static bool IsWindowsPcr(std::uint32_t pcr) {
    return pcr >= kFirstWindowsPcr && pcr <= kLastWindowsPcr;
  }

  void Add(const tcg::Event& event) {
    if (event.type == tcg::kEvNoAction || !found_.quoted.contains(event.index)) return;
    json::Object out{{"EventSeq", static_cast<std::int64_t>(event.number)}};
    json::Value windows = windows_ ? WindowsJson(event) : nullptr;
    // Its type is not measured, so that what Windows says is one by its content.
    out.emplace_back("EventTypeString", windows.is_null() ? tcg::EventTypeName(event.type)
                                                          : std::string("EV_EVENT_TAG"));
    out.emplace_back("PcrIndex", std::int64_t{event.index});
    out.emplace_back("Digests", Digests(event));
    json::Value data = windows.is_null() ? FirmwareJson(event) : std::move(windows);
    if (!data.is_null()) out.emplace_back("ProcessedData", std::move(data));
    events_.emplace_back(std::move(out));
    separated_[event.index] = separated_[event.index] || IsSeparator(event);
  }

  // Of zeros, or another word when the firmware met an error (PFP table 27).
  static bool IsSeparator(const tcg::Event& event) {
    return event.data.size() == 4 && tcg::DigestsItsData(event);
  }

  static json::Object Digests(const tcg::Event& event) {
    json::Object out;
    for (const auto& [bank, digest] : event.digests) {
      out.emplace_back(Upper(std::string(tcg::Name(bank))), HexEncode(digest));
    }
    return out;
  }

  static json::Value WindowsJson(const tcg::Event& event) {
    // Nothing that four bytes are too few for: a separator, or the cap of PCR 11.
    if (!IsWindowsPcr(event.index) || event.data.size() == 4) return nullptr;
    const auto parsed = tcg::ParseSipa(event.data);
    return parsed ? json::Value(SipaJson(*parsed)) : json::Value(nullptr);
  }

  // A system that runs can extend these PCRs, too, but not before the firmware's separator. Only
  // authorities are measured after it.
  json::Value FirmwareJson(const tcg::Event& event) const {
    if (event.type == tcg::kEvIpl) return TextJson(event);
    if (!IsVariable(event.type) || event.index >= kFirmwarePcrEnd) return nullptr;
    const bool authority = event.type == tcg::kEvEfiVariableAuthority && event.index == 7;
    return separated_[event.index] && !authority ? nullptr : VariableJson(event);
  }

  const Found& found_;
  const bool windows_;
  std::array<bool, tcg::kPcrCount> separated_{};
  json::Array events_;
};

// A buffer of a keyring is a certificate in DER, that of "kernel_version" a text
// (security/integrity/ima/ima_asymmetric_keys.c, ima_init.c).
json::Object BufferJson(const ImaEntry& entry) {
  json::Object out{{"Name", entry.path}, {"Data", Base64UrlEncode(entry.buffer)}};
  if (entry.path == "kernel_version") {
    std::string_view text = AsText(entry.buffer);
    if (text.ends_with('\0')) text.remove_suffix(1);
    out.emplace_back("KernelVersion", text);
  }
  if (const auto certificate = Certificate::FromDer(entry.buffer)) {
    out.emplace_back("Keyring", entry.path);
    out.emplace_back("CertificateSubject", (*certificate)->subject_cn());
  }
  return out;
}

bool AddImaEvents(const std::vector<ImaEntry>& entries, std::size_t count, std::size_t first_number,
                  json::Array& out) {
  std::size_t added = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ImaEntry& entry = entries[i];
    if (entry.pcr != kImaPcr || entry.violation || entry.name != "ima-buf") continue;
    if (++added > limits::kPolicyImaEvents) return false;
    out.emplace_back(json::Object{{"EventSeq", static_cast<std::int64_t>(first_number + i)},
                                  {"EventTypeString", "IMA_MEASUREMENT_EVENT"},
                                  {"PcrIndex", std::int64_t{kImaPcr}},
                                  {"ProcessedData", BufferJson(entry)}});
  }
  return true;
}

}  // namespace

json::Value EventsDocument(const TpmEvidence& evidence, const Found& found,
                           std::size_t ima_entries) {
  json::Array events;
  std::size_t logged = 0;
  if (found.facts != nullptr && found.facts->altered == nullptr) {
    events = EventsWriter(found, found.facts->log).TakeEvents();
    logged = found.facts->log.events.size();
  }
  if (evidence.ima_log && !AddImaEvents(*evidence.ima_log, ima_entries, logged, events)) {
    return nullptr;
  }
  return json::Object{{"Events", std::move(events)}};
}

json::Value PcrsDocument(const TpmEvidence& evidence, const Found& found) {
  std::map<std::uint32_t, json::Object> digests;
  for (std::size_t i = 0; i < evidence.quotes.size(); ++i) {
    if (!found.covered[i]) continue;
    for (const PcrSelection& selection : evidence.quotes[i].quote.selections) {
      const auto bank = tcg::HashAlgorithmOf(selection.bank);
      if (!bank) continue;
      const std::string name = Upper(std::string(tcg::Name(*bank)));
      for (const std::uint32_t pcr : selection.pcrs) {
        json::Object& of_pcr = digests[pcr];
        const bool known = std::any_of(of_pcr.begin(), of_pcr.end(),
                                       [&](const json::Member& one) { return one.first == name; });
        if (!known) of_pcr.emplace_back(name, HexEncode(evidence.pcrs.at(*bank).at(pcr)));
      }
    }
  }
  json::Array out;
  for (auto& [pcr, of_pcr] : digests) {
    out.emplace_back(json::Object{{"Index", std::int64_t{pcr}}, {"Digests", std::move(of_pcr)}});
  }
  return json::Object{{"PCRs", std::move(out)}};
}

}  // namespace assay::tpm

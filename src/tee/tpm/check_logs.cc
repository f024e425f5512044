// How did the machine come to what it quoted?
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "tee/tcg/event_digest.h"
#include "tee/tcg/secure_boot.h"
#include "tee/tpm/checks.h"

namespace assay::tpm {
namespace {

constexpr std::string_view kReplayClause = "TCG PC Client Platform Firmware Profile section 10";
constexpr std::string_view kDigestClause = "TCG PC Client Platform Firmware Profile table 27";
constexpr std::string_view kSecureBootClause =
    "TCG PC Client Platform Firmware Profile section 3.3.4.8";
// PCRs that firmware and boot loaders own; the static ones of the PC Client profile without IMA's.
constexpr std::uint32_t kFirmwarePcrs = 8;

struct Mismatch {
  std::uint32_t pcr = 0;
  std::string expected, found;
};

// A PCR of the log that is quoted must have the replayed value. One of the firmware's that is
// quoted and no longer at its start must be in the log: else its events were left out.
std::optional<Mismatch> CompareReplay(const tcg::PcrValues& replayed, const tcg::PcrValues& quoted,
                                      tcg::HashAlgorithm bank) {
  for (const auto& [pcr, value] : quoted) {
    const auto found = replayed.find(pcr);
    const bool in_log = found != replayed.end();
    if (pcr == kImaPcr || (!in_log && pcr >= kFirmwarePcrs)) continue;
    const Bytes after = in_log ? found->second : tcg::StartValue(bank, pcr);
    if (after != value) return Mismatch{pcr, HexEncode(value), HexEncode(after)};
  }
  return std::nullopt;
}

// What the log says counts only for PCRs that are quoted.
std::string UnquotedFirmwarePcrs(const tcg::PcrValues& quoted) {
  std::string out;
  for (std::uint32_t pcr = 0; pcr < kFirmwarePcrs; ++pcr) {
    if (!quoted.contains(pcr)) out += fmt::format("{}{}", out.empty() ? "" : ", ", pcr);
  }
  return out;
}

void CheckReplay(const tcg::EventLog& log, const tcg::PcrValues& quoted, tcg::HashAlgorithm bank,
                 Trace& trace) {
  const std::string unquoted = UnquotedFirmwarePcrs(quoted);
  trace.Expect(unquoted.empty(), "quote.pcrs", "PCR 0 to 7 are quoted",
               unquoted.empty() ? "they are" : "without PCR " + unquoted, kReplayClause);
  const auto replayed = tcg::Replay(log, bank);
  if (!trace.Expect(replayed.has_value(), "event_log.replayable",
                    fmt::format("a log with {} digests", tcg::Name(bank)),
                    replayed ? "it is" : replayed.error().message, kReplayClause)) {
    return;
  }
  const auto mismatch = CompareReplay(*replayed, quoted, bank);
  trace.Expect(!mismatch, "event_log.replay",
               mismatch ? fmt::format("PCR {} quoted as {}", mismatch->pcr, mismatch->expected)
                        : "the quoted PCRs",
               mismatch ? "the log leads to " + mismatch->found
                        : fmt::format("{} events lead to them", log.events.size()),
               kReplayClause);
}

bool CheckDigests(const tcg::EventLog& log, Trace& trace) {
  const auto altered =
      std::find_if(log.events.begin(), log.events.end(), [](const tcg::Event& event) {
        return event.type != tcg::kEvNoAction &&
               tcg::BindingOf(event) == tcg::DataBinding::kMismatch;
      });
  const bool ok = altered == log.events.end();
  return trace.Expect(ok, "event_log.digests",
                      "data that belongs to the digests that were extended",
                      ok ? "all that can be recomputed does"
                         : fmt::format("event {} of type 0x{:08x} in PCR {} does not",
                                       altered->number, altered->type, altered->index),
                      kDigestClause);
}

void CheckSecureBoot(const tcg::EventLog& log, const VerifyInput& input, Trace& trace) {
  const auto state = tcg::ReadSecureBoot(log);
  if (!trace.Expect(state.has_value(), "secure_boot.state", "a log that says it beyond doubt",
                    state ? "it does" : state.error().message, kSecureBootClause)) {
    return;
  }
  const Outcome off = input.expectations.allow_secure_boot_off ? Outcome::kWaived : Outcome::kFail;
  trace.Add({"secure_boot.enabled",
             state->enabled ? Outcome::kPass : off,
             "Secure Boot is on",
             state->enabled ? "on" : "off",
             {},
             kSecureBootClause});
}

void CheckIma(const std::vector<ImaEntry>& entries, const tcg::PcrValues& quoted,
              tcg::HashAlgorithm bank, Trace& trace) {
  const auto value = quoted.find(kImaPcr);
  const bool is_quoted = value != quoted.end();
  const auto reached = is_quoted ? EntriesUpTo(entries, bank, value->second) : std::nullopt;
  trace.Expect(reached.has_value(), "ima.replay",
               is_quoted ? "PCR 10 quoted as " + HexEncode(value->second) : "PCR 10 is quoted",
               reached ? fmt::format("reached after {} of {} entries", *reached, entries.size())
                       : (is_quoted ? "no number of entries leads to it" : "it is not"),
               "Linux IMA-templates; PC Client profile, PCR 10");
}

}  // namespace

void CheckLogs(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace) {
  if (!trace.Expect(evidence.event_log.has_value(), "event_log.present", "the firmware's event log",
                    evidence.event_log ? fmt::format("{} events", evidence.event_log->events.size())
                                       : "none, or an empty one: nothing explains the PCRs",
                    kReplayClause)) {
    return;
  }
  const auto bank = BestBank(evidence);
  if (!bank) return;  // quote.hash has failed
  const tcg::PcrValues quoted = QuotedValues(evidence, *bank);
  if (quoted.empty()) return;  // quote.pcr_digest has failed: there is nothing to compare with
  CheckReplay(*evidence.event_log, quoted, *bank, trace);
  // What altered data says of Secure Boot is not worth a word.
  if (CheckDigests(*evidence.event_log, trace)) {
    CheckSecureBoot(*evidence.event_log, input, trace);
  }
  if (evidence.ima_log) CheckIma(*evidence.ima_log, quoted, *bank, trace);
}

}  // namespace assay::tpm

#include "tee/tcg/secure_boot.h"

#include <fmt/format.h>

#include <optional>

#include "tee/tcg/event_digest.h"

namespace assay::tcg {
namespace {

constexpr std::uint32_t kSecureBootPcr = 7;

tl::unexpected<Error> DoubtfulVariable(const Event& event, std::string_view why) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("event log: event {} in PCR 7: {}", event.number, why));
}

// The variables that PCR 7 has to hold, each once.
class Configuration {
 public:
  Result<void> Take(const Event& event, const Variable& variable, SecureBoot& out) {
    if (variable.vendor == kEfiGlobalVariable && variable.name == "SecureBoot") {
      return TakeState(event, variable, out);
    }
    std::vector<SignatureEntry>* const database = DatabaseOf(variable, out);
    if (database == nullptr) return {};  // others, AuditMode for example, decide nothing
    for (const std::string& name : seen_) {
      if (name == variable.name)
        return DoubtfulVariable(event, variable.name + " is measured again");
    }
    seen_.push_back(variable.name);
    *database = TRY(ParseSignatureDatabase(variable.data));
    return {};
  }

  // All five are always measured, an empty database too. One of them relabelled would be missing.
  bool complete() const { return has_state_ && seen_.size() == 4; }

 private:
  Result<void> TakeState(const Event& event, const Variable& variable, SecureBoot& out) {
    if (has_state_) return DoubtfulVariable(event, "SecureBoot is measured again");
    // Absent on firmware without the feature: measured with no data.
    if (variable.data.size() > 1) return DoubtfulVariable(event, "SecureBoot is not one byte");
    has_state_ = true;
    out.enabled = variable.data.size() == 1 && variable.data[0] == std::byte{1};
    return {};
  }

  static std::vector<SignatureEntry>* DatabaseOf(const Variable& variable, SecureBoot& out) {
    if (variable.vendor == kEfiGlobalVariable) {
      if (variable.name == "PK") return &out.pk;
      if (variable.name == "KEK") return &out.kek;
    }
    if (variable.vendor == kEfiImageSecurityDatabase) {
      if (variable.name == "db") return &out.db;
      if (variable.name == "dbx") return &out.dbx;
    }
    return nullptr;
  }

  bool has_state_ = false;
  std::vector<std::string> seen_;
};

}  // namespace

Result<SecureBoot> ReadSecureBoot(const EventLog& log) {
  SecureBoot out;
  Configuration configuration;
  bool separated = false;
  for (const Event& event : log.events) {
    if (event.index != kSecureBootPcr || event.type == kEvNoAction) continue;
    if (BindingOf(event) == DataBinding::kMismatch) {
      return DoubtfulVariable(event, "its data does not belong to its digest");
    }
    if (event.type == kEvSeparator) separated = true;
    if (event.type == kEvSeparator || event.type == kEvEfiAction) continue;
    const bool is_configuration = event.type == kEvEfiVariableDriverConfig;
    // The type of an event is not measured: one that was relabelled must not pass unseen.
    if (!is_configuration && event.type != kEvEfiVariableAuthority) {
      return DoubtfulVariable(event,
                              fmt::format("type 0x{:08x} does not belong there", event.type));
    }
    const Variable variable = TRY(ParseVariable(event.data));
    if (!is_configuration) {
      out.authorities.push_back({!separated, variable.name, variable.vendor, variable.data});
    } else if (separated) {
      return DoubtfulVariable(event, variable.name + " is measured after the separator");
    } else {
      TRY_VOID(configuration.Take(event, variable, out));
    }
  }
  if (!configuration.complete() || !separated) {
    return Fail(ErrorCode::kMalformed,
                "event log: expected SecureBoot, PK, KEK, db and dbx in PCR 7 before a separator");
  }
  return out;
}

}  // namespace assay::tcg

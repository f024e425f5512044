#include "server/service_ledger.h"

#include <filesystem>

#include "server/key_files.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// The file that runs, as the system sees it.
Result<Sha256Digest> BuildDigest() { return Sha256(AsBytes(TRY(ReadWholeFile("/proc/self/exe")))); }

Result<std::string> OpenOrigin(const std::string& path, const std::string& fresh) {
  if (!fs::exists(path)) TRY_VOID(WriteDurably(path, fresh + "\n"));
  std::string out = TRY(ReadWholeFile(path));
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

Result<ledger::LedgerKeys> OpenKeys(const ServiceLedgerOptions& options) {
  const SecretBytes seed =
      TRY(OpenSecretFile(options.state_dir + "/ledger-signing.key", kEd25519KeyBytes));
  std::string origin = TRY(OpenOrigin(options.state_dir + "/ledger.origin", options.origin));
  Ed25519Key signing = TRY(Ed25519Key::FromSeed(seed.view()));
  ledger::LedgerKeys out{std::move(origin), std::move(signing), SecretBytes()};
  out.data = TRY(OpenSecretFile(options.state_dir + "/ledger-data.key", ledger::kDataKeyBytes));
  return out;
}

// With another key nothing that is recorded could be read any more: found out now, not when
// somebody asks.
Result<void> CheckDataKey(const ledger::Ledger& ledger) {
  const std::uint64_t size = ledger.checkpoint().size;
  if (size == 0 || ledger.Read(size - 1)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "ledger: its newest entry cannot be read: ledger-data.key is not its key",
              "restore that file from a backup of the state folder");
}

}  // namespace

Result<std::unique_ptr<ServiceLedger>> ServiceLedger::Open(const ServiceLedgerOptions& options) {
  auto store = TRY(store::OpenSqliteStore(LedgerStoreFile(options.state_dir)));
  ledger::LedgerKeys keys = TRY(OpenKeys(options));
  auto ledger = TRY(ledger::Ledger::Open(*store, std::move(keys)));
  TRY_VOID(CheckDataKey(*ledger));
  DecisionLogOptions decisions;
  decisions.clock = options.clock;
  decisions.build = TRY(BuildDigest());
  decisions.report = [log = options.log](const std::string& message) {
    log("decision_not_recorded", {{"error", message}});
  };
  std::unique_ptr<ServiceLedger> out(new ServiceLedger(std::move(store), std::move(ledger)));
  LedgerPublisherOptions publisher = options.publisher;
  publisher.log = options.log;
  out->publisher_ = TRY(LedgerPublisher::Make(*out->ledger_, *out->store_, std::move(publisher)));
  LedgerTree tree(*out->store_, out->ledger_->verifier(), out->publisher_->quorum(),
                  [ledger = out->ledger_.get()] { return ledger->signed_checkpoint(); });
  out->service_ =
      std::make_unique<LedgerService>(*out->ledger_, std::move(decisions), std::move(tree));
  return out;
}

Result<void> ServiceLedger::Configured(std::string_view event, const json::Object& configuration) {
  const std::string text = json::Write(configuration);
  service_->decisions().SetConfiguration(Sha256(AsBytes(text)));
  ledger::Record record;
  record.kind = ledger::RecordKind::kAdministration;
  record.subject = "service";
  record.detail = json::Write(json::Object{{"configuration", configuration}, {"event", event}});
  const auto place = service_->decisions().Write(std::move(record));
  if (!place) return Fail(ErrorCode::kIo, "ledger: the start could not be put on the record");
  return {};
}

Result<void> RecordLocalAct(const std::string& state_dir, const std::string& subject,
                            const json::Object& detail, Time now, ledger::RecordKind kind) {
  if (!fs::exists(LedgerStoreFile(state_dir))) return {};
  std::string why;
  const auto log = [&why](std::string_view, const json::Object& fields) {
    why = json::Write(fields);
  };
  const auto ledger = TRY(ServiceLedger::Open({state_dir, {}, [now] { return now; }, log}));
  ledger::Record record;
  record.kind = kind;
  record.verdict = ledger::RecordVerdict::kPermitted;
  record.subject = subject;
  record.actor = "command line";
  record.detail = json::Write(detail);
  if (!ledger->service().decisions().Write(std::move(record))) {
    return Fail(ErrorCode::kIo, "the act could not be put on the record: " + why,
                "make room on the disk of " + state_dir +
                    "; look whether the act was done before you repeat it");
  }
  return {};
}

}  // namespace assay

#include "cli/service_on_record.h"

#include <gtest/gtest.h>

#include "appraise/appraise.h"
#include "base/encoding.h"
#include "base/json.h"
#include "ledger/testing_ledger.h"
#include "server/own_evidence.h"
#include "simulate/simulate.h"

namespace assay::cli {
namespace {

constexpr std::int64_t kNow = 1'764'590'400;

// The processor of a confidential guest, whose report binds what it is given.
class Processor {
 public:
  ReadOwnReport Reader(std::string provider = "sev_guest") {
    return [this, provider](View input) -> Result<std::optional<TsmReport>> {
      simulate::Shape shape;
      shape.report_data = ToBytes(input);
      simulation = TRY(simulate::Simulate("snp", "", shape));
      return std::optional(TsmReport{provider, simulation.evidence, {}});
    };
  }

  simulate::Simulation simulation;
};

class ServiceIsOnRecord : public ::testing::Test {
 protected:
  ServiceIsOnRecord() { service_.decisions().SetConfiguration(Sha256(AsBytes("configuration"))); }

  std::string ProofOf(std::uint64_t index) {
    return ledger::WriteEntryProof(ledger_->Prove(index).value());
  }
  // The record of the service's own evidence.
  ledger::Record Own() {
    const auto index = RecordOwnEvidence(service_, processor_.Reader()).value();
    return *ledger_->Read(*index)->record;
  }
  // What is wrong with that record, as an entry; nothing when it is read.
  std::string Fault(const ledger::Record& record) {
    const auto index = ledger_->Append(record).value();
    const auto found = ReadServiceOnRecord(ProofOf(index), ledger_->verifier());
    return found ? "" : found.error().message;
  }
  // The record with one member of its statement changed.
  static ledger::Record WithStatement(ledger::Record record, std::string_view member,
                                      const std::string& value) {
    json::Object detail = *json::Parse(record.detail)->AsObject();
    for (auto& [name, content] : detail) {
      if (name != "body") continue;
      json::Object body = *content.AsObject();
      body.back().second = json::Object{
          {"data",
           Base64UrlEncode(AsBytes(json::Write(Changed(body.back().second, member, value))))},
          {"dataType", "JSON"}};
      content = std::move(body);
    }
    record.detail = json::Write(detail);
    return record;
  }
  static json::Object Changed(const json::Value& runtime, std::string_view member,
                              const std::string& value) {
    const Bytes text = Base64UrlDecode(*runtime.Find("data")->AsString()).value();
    json::Object out = *json::Parse(AsText(text))->AsObject();
    for (auto& [name, content] : out) {
      if (name == member) content = value;
    }
    return out;
  }
  bool IsTrusted(const ServiceOnRecord& service) {
    Expectations expectations;
    expectations.report_data = ToBytes(Sha256(service.evidence.runtime_data->bytes));
    Appraiser appraiser(processor_.simulation.roots);
    return appraiser
        .Appraise(service.evidence.evidence, service.evidence.scheme,
                  processor_.simulation.collateral, expectations, processor_.simulation.at)
        .value()
        .trusted;
  }

  Processor processor_;
  ledger::ObservedStore store_;
  std::unique_ptr<ledger::Ledger> ledger_ =
      ledger::Ledger::Open(store_, ledger::TestKeys()).value();
  LedgerService service_{
      *ledger_,
      {[] { return FromUnixSeconds(kNow); }, Sha256(AsBytes("build")), {}},
      LedgerTree(store_, ledger_->verifier(), {}, [this] { return ledger_->signed_checkpoint(); })};
};

TEST_F(ServiceIsOnRecord, WithAReportThatBindsWhatItIs) {
  ledger::Record start;
  start.kind = ledger::RecordKind::kAdministration;
  ASSERT_TRUE(service_.decisions().Write(start));
  const auto index = RecordOwnEvidence(service_, processor_.Reader()).value();
  EXPECT_EQ(service_.own_evidence(), index);
  const auto found = ReadServiceOnRecord(ProofOf(*index), ledger_->verifier());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->build, HexEncode(Sha256(AsBytes("build"))));
  EXPECT_EQ(found->configuration, HexEncode(Sha256(AsBytes("configuration"))));
  EXPECT_EQ(found->covered, 1U);
  EXPECT_EQ(found->evidence.scheme, "snp");
  EXPECT_TRUE(IsTrusted(*found));
}

TEST_F(ServiceIsOnRecord, NotWithAReportOfAnotherStatement) {
  const ledger::Record own = Own();
  // Of a later tree than the one that the report binds.
  const ledger::Record other = WithStatement(own, "checkpoint", ledger_->signed_checkpoint());
  const auto index = ledger_->Append(other).value();
  const auto found = ReadServiceOnRecord(ProofOf(index), ledger_->verifier());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(IsTrusted(*found));
}

TEST_F(ServiceIsOnRecord, NotByAStatementThatDisagreesWithItsRecord) {
  const ledger::Record own = Own();
  EXPECT_EQ(Fault(own), "");
  const std::string zeros(64, '0');
  EXPECT_NE(Fault(WithStatement(own, "build", zeros)).find("another program"), std::string::npos);
  EXPECT_NE(Fault(WithStatement(own, "configuration", zeros)).find("another configuration"),
            std::string::npos);
  const ledger::NoteVerifier other{"other", ledger::NoteKeyKind::kEd25519,
                                   Ed25519Key::Generate()->Public()};
  EXPECT_NE(Fault(WithStatement(own, "ledger", other.ToText())).find("another ledger's key"),
            std::string::npos);
  EXPECT_NE(Fault(WithStatement(own, "checkpoint", "test\n0\n")).find("its checkpoint"),
            std::string::npos);
}

TEST_F(ServiceIsOnRecord, NotByACheckpointFromBehindTheEntry) {
  const ledger::Record own = Own();
  ASSERT_TRUE(ledger_->Append(own));
  const std::string proof = ProofOf(1);
  // The same entry again, now said to cover itself.
  const ledger::Record late = WithStatement(own, "checkpoint", ledger_->signed_checkpoint());
  ASSERT_EQ(Fault(late), "") << "it is the third entry, and the checkpoint of two";
  ledger::ObservedStore fresh;
  const auto again = ledger::Ledger::Open(fresh, ledger::TestKeys()).value();
  ASSERT_TRUE(again->Append(late));
  const auto found =
      ReadServiceOnRecord(ledger::WriteEntryProof(again->Prove(0).value()), again->verifier());
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("holds the entry already"), std::string::npos);
}

TEST_F(ServiceIsOnRecord, NotByAnotherEntryOrOtherEvidence) {
  const ledger::Record own = Own();
  const auto changed = [&](auto change) {
    ledger::Record record = own;
    change(record);
    return Fault(record);
  };
  EXPECT_NE(changed([](auto& r) { r.subject = "service"; }).find("another one"), std::string::npos);
  EXPECT_NE(
      changed([](auto& r) { r.kind = ledger::RecordKind::kPolicyChange; }).find("another one"),
      std::string::npos);
  EXPECT_NE(changed([](auto& r) { r.evidence = Sha256(AsBytes("x")); }).find("other evidence"),
            std::string::npos);
  EXPECT_NE(changed([](auto& r) { r.build.reset(); }).find("another program"), std::string::npos);
  EXPECT_NE(changed([](auto& r) { r.configuration.reset(); }).find("another configuration"),
            std::string::npos);
  EXPECT_NE(changed([](auto& r) {
              r.detail = R"({"action":"/attest/SgxEnclave","body":{}})";
            }).find("expected evidence of SEV-SNP or TDX"),
            std::string::npos);
  EXPECT_NE(
      changed([](auto& r) { r.detail = R"({"action":"/attest/TdxVm"})"; }).find("no evidence"),
      std::string::npos);
}

TEST_F(ServiceIsOnRecord, OnlyWhereThereIsAReportAndItIsTaken) {
  const ReadOwnReport none = [](View) { return std::optional<TsmReport>(); };
  EXPECT_EQ(RecordOwnEvidence(service_, none).value(), std::nullopt);
  EXPECT_EQ(ledger_->checkpoint().size, 0U);
  EXPECT_EQ(RecordOwnEvidence(service_, OwnReportOf("/no/such/folder")).value(), std::nullopt);
  const auto unknown = RecordOwnEvidence(service_, processor_.Reader("arm_cca_guest"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnsupported);
  const ReadOwnReport broken = [](View) -> Result<std::optional<TsmReport>> {
    return Fail(ErrorCode::kIo, "no right to it");
  };
  EXPECT_EQ(RecordOwnEvidence(service_, broken).error().message, "no right to it");
  store_.before_commit = []() -> Result<void> { return Fail(ErrorCode::kIo, "full"); };
  EXPECT_FALSE(RecordOwnEvidence(service_, processor_.Reader()));
  EXPECT_EQ(service_.own_evidence(), std::nullopt);
}

}  // namespace
}  // namespace assay::cli

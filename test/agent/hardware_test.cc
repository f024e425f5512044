// Reports of confidential guests, from made-up files and NV indices: no such hardware is at hand.
#include "guest/hardware.h"

#include <gtest/gtest.h>

#include "agent/collect.h"
#include "agent/raw_server.h"
#include "agent/soft_tpm.h"
#include "agent/tpm_acts.h"
#include "api/attest_request.h"
#include "appraise/appraise.h"
#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "guest/files.h"
#include "simulate/parts.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

// A folder in place of configfs: the attributes come with the entry, as the kernel makes them.
class FakeTsm {
 public:
  std::string provider = "sev_guest\n";
  Bytes report;
  std::optional<Bytes> auxiliary;

  TsmTree Tree() {
    return {folder_.path(), [this](const std::filesystem::path& path) -> Result<void> {
              entry_ = path;
              std::filesystem::create_directory(path);
              TRY_VOID(WriteFile(path / "inblob", {}));
              TRY_VOID(WriteFile(path / "outblob", report));
              if (auxiliary) TRY_VOID(WriteFile(path / "auxblob", *auxiliary));
              return WriteFile(path / "provider", AsBytes(provider));
            }};
  }
  Bytes Input() const { return ReadFile(entry_ / "inblob", 1000).value(); }

 private:
  TemporaryFolder folder_;
  std::filesystem::path entry_;
};

const std::string kRuntime = R"({"keys":[],"nonce":"abc"})";

simulate::Simulation SnpFor(std::string_view runtime_data) {
  simulate::Order order;
  order.report_data = ToBytes(Sha256(AsBytes(runtime_data)));
  return simulate::SimulateSnp(order).value();
}

TEST(TsmReport, SnpEvidenceOfTheFilesIsTrustedByTheApi) {
  const simulate::Simulation simulation = SnpFor(kRuntime);
  FakeTsm tsm;
  tsm.report = simulation.evidence;
  const auto request = CollectHardware(HardwareKind::kSnp, tsm.Tree(), AsBytes(kRuntime)).value();
  EXPECT_EQ(request.action, "/attest/SevSnpVm?api-version=2025-06-01");
  const AttestRequest parsed =
      ParseAttestRequest(AttestKind::kSevSnpVm, json::Write(request.body)).value();
  EXPECT_TRUE(parsed.runtime_data->document);
  Appraiser appraiser(simulation.roots);
  Expectations expectations;
  expectations.report_data = ToBytes(Sha256(parsed.runtime_data->bytes));
  EXPECT_TRUE(
      appraiser
          .Appraise(parsed.evidence, "snp", simulation.collateral, expectations, simulation.at)
          ->trusted);
}

TEST(TsmReport, AsksForTheHashOfTheRuntimeDataWithZerosBehindIt) {
  FakeTsm tsm;
  tsm.report = Bytes(1184, std::byte{1});
  ASSERT_TRUE(CollectHardware(HardwareKind::kSnp, tsm.Tree(), AsBytes(kRuntime)));
  Bytes expected = ToBytes(Sha256(AsBytes(kRuntime)));
  expected.resize(64);
  EXPECT_EQ(tsm.Input(), expected);
}

TEST(TsmReport, SendsTheCertificatesThatTheHostDelivers) {
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  CertificateRequest request;
  request.common_name = "VCEK";
  const CertificatePtr vcek = IssueCertificate(key, request, key, nullptr).value();
  // GHCB 2.03, 4.1.8.1: GUID, offset, length; an entry of zeros; the certificates.
  Bytes table = HexDecode("63da758de6644564adc5f4b93be8accd").value();
  simulate::AppendLe(table, 48, 4);
  simulate::AppendLe(table, vcek->der().size(), 4);
  Append(table, Bytes(24));
  Append(table, vcek->der());
  FakeTsm tsm;
  tsm.report = Bytes(1184, std::byte{1});
  tsm.auxiliary = table;
  const auto sent = CollectHardware(HardwareKind::kSnp, tsm.Tree(), AsBytes(kRuntime)).value();
  const AttestRequest parsed =
      ParseAttestRequest(AttestKind::kSevSnpVm, json::Write(sent.body)).value();
  ASSERT_EQ(parsed.certificates.size(), 1U);
  EXPECT_EQ(parsed.certificates.front()->digest(), vcek->digest());
}

TEST(TsmReport, ATdxQuoteGoesAsItIsAndOtherDataAreBinary) {
  FakeTsm tsm;
  tsm.provider = "tdx_guest\n";
  tsm.report = ToBytes(AsBytes("a quote"));
  const auto request = CollectHardware(HardwareKind::kTdx, tsm.Tree(), AsBytes("no JSON")).value();
  EXPECT_EQ(request.action, "/attest/TdxVm?api-version=2025-06-01");
  const AttestRequest parsed =
      ParseAttestRequest(AttestKind::kTdxVm, json::Write(request.body)).value();
  EXPECT_EQ(parsed.evidence, ToBytes(AsBytes("a quote")));
  EXPECT_FALSE(parsed.runtime_data->document);
}

TEST(TsmReport, OfAnotherKindIsNotSent) {
  FakeTsm tsm;
  tsm.provider = "tdx_guest\n";
  tsm.report = Bytes(1184, std::byte{1});
  const auto request = CollectHardware(HardwareKind::kSnp, tsm.Tree(), AsBytes(kRuntime));
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().message, "configfs-tsm: expected provider sev_guest, found tdx_guest");
}

TEST(TsmReport, AnEmptyReportIsAnError) {
  FakeTsm tsm;
  EXPECT_FALSE(CollectHardware(HardwareKind::kSnp, tsm.Tree(), AsBytes(kRuntime)));
}

TEST(TsmReport, SaysWhatIsMissingWhereThereIsNoConfigfs) {
  const auto request = CollectHardware(
      HardwareKind::kSnp, {.root = "/no/such/folder", .make_entry = {}}, AsBytes(kRuntime));
  ASSERT_FALSE(request);
  EXPECT_NE(request.error().hint.find("configfs"), std::string::npos);
}

class AzureVm : public testing::Test {
 protected:
  Bytes HclReport() {
    const json::Value document = json::Parse(AsText(simulation_.evidence)).value();
    Bytes report = Base64UrlDecode(*document.Find("hcl_report")->AsString()).value();
    // Azure's index has 2600 bytes, libtpms' at most 2048: the padding has to go.
    while (report.back() == std::byte{0}) report.pop_back();
    return report;
  }

  simulate::Simulation simulation_ = simulate::Simulate("azure", "").value();
  SoftTpm soft_;
  tpm2::Tpm tpm_ = tpm2::Tpm::Over(soft_.transport()).value();
};

// Only a report that a paravisor made names this TPM's key: all else is as on Azure.
TEST_F(AzureVm, ReportOfTheNvIndexMakesAzureEvidence) {
  WriteNv(tpm_, 0x01400001, HclReport());
  const auto ak = agent::OpenAttestationKey(tpm_, {}).value();
  const Bytes nonce(32, std::byte{3});
  auto collected = agent::CollectTpm(tpm_, ak, nonce, {"/no/log", "/no/log"}).value();
  ASSERT_TRUE(agent::AddAzureReport(tpm_, {}, collected));
  const std::string document = agent::EvidenceDocument(collected, {}).value();
  Appraiser appraiser(simulation_.roots);
  Expectations expectations;
  expectations.report_data = nonce;
  const auto verdict = appraiser.Appraise(AsBytes(document), "", simulation_.collateral,
                                          expectations, simulation_.at);
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(verdict->scheme, "azure");
  std::string failed;
  for (const Check& check : verdict->checks) {
    if (check.outcome == Outcome::kFail) failed += std::string(check.name) + " ";
  }
  EXPECT_EQ(failed, "ak.runtime_data quote.signature ");
}

TEST_F(AzureVm, TheMetadataServiceMakesTheQuoteOfATdReport) {
  Bytes report = HclReport();
  report[32 + 1184 + 8] = std::byte{4};  // the kind of hardware: TDX
  WriteNv(tpm_, 0x01400001, report);
  const std::string body = R"({"quote":")" + Base64UrlEncode(AsBytes("a TD quote")) + R"("})";
  RawServer metadata(
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
      false);
  agent::Collected collected;
  const auto added = agent::AddAzureReport(tpm_, {"127.0.0.1", metadata.port()}, collected);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(collected.td_quote, ToBytes(AsBytes("a TD quote")));
  EXPECT_EQ(metadata.Request().rfind("POST /acc/tdquote HTTP/1.1\r\n", 0), 0U);
}

TEST_F(AzureVm, AnotherMachineIsToldThatItIsNone) {
  agent::Collected collected;
  const auto added = agent::AddAzureReport(tpm_, {}, collected);
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().hint.find("Azure"), std::string::npos);
}

}  // namespace
}  // namespace assay

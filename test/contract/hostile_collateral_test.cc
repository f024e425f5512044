// Collateral of an attacker beside the good one, before it and behind it. It must neither make a
// quote trusted that is not, nor hide what Intel did sign.
#include <gtest/gtest.h>

#include "appraise/appraise.h"
#include "base/encoding.h"
#include "simulate/intel.h"

namespace assay::simulate {
namespace {

using Names = std::vector<std::string>;

struct World {
  IntelKeys keys;
  IntelPki pki;
  Simulation simulation;
};

// A simulated platform whose vendor keys the test holds as well.
World MakeWorld(bool tdx) {
  World out{MakeIntelKeys().value(), {}, {}};
  out.pki = MakeIntelPki(out.keys, {}, out.simulation).value();
  EXPECT_TRUE(AddIntelDocuments(out.keys, tdx, {}, out.simulation).has_value());
  const std::size_t size = tdx ? 584 : 384;
  QuoteParts parts{tdx ? 4U : 3U, tdx, Bytes(size)};
  if (tdx) {
    Put(parts.body, 0, Bytes(16, std::byte{5}));
    PutLe(parts.body, 1, 1, 1);
  } else {
    PutLe(parts.body, 48, 5, 8);
  }
  out.simulation.evidence = MakeQuote(parts, out.keys, out.pki, {}).value();
  return out;
}

Names Failed(const World& world, const Collateral& collateral) {
  Appraiser appraiser(world.simulation.roots);
  const auto verdict = appraiser.Appraise(world.simulation.evidence, "", collateral, {}, kAt);
  Names out;
  if (!verdict) return {"parse: " + verdict.error().message};
  for (const Check& check : verdict->checks) {
    if (check.outcome == Outcome::kFail) out.emplace_back(check.name);
  }
  return out;
}

// `hostile` before the good collateral and behind it.
void ExpectBothWays(const World& world, const Collateral& hostile, const Names& expected,
                    std::string_view what) {
  for (const bool first : {true, false}) {
    Collateral all = first ? hostile : world.simulation.collateral;
    const Collateral& rest = first ? world.simulation.collateral : hostile;
    all.certificates.insert(all.certificates.end(), rest.certificates.begin(),
                            rest.certificates.end());
    all.crls.insert(all.crls.end(), rest.crls.begin(), rest.crls.end());
    all.documents.insert(all.documents.end(), rest.documents.begin(), rest.documents.end());
    EXPECT_EQ(Failed(world, all), expected) << what << (first ? " first" : " last");
  }
}

class HostileCollateral : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<World>(MakeWorld(GetParam()));
    ASSERT_EQ(Failed(*world_, world_->simulation.collateral), Names{});
  }
  CrlPtr MakeCrl(int days_ago, int days_to_come, const CertificatePtr& issuer, const VendorKey& key,
                 const std::vector<CertificatePtr>& revoked) {
    const auto day = std::chrono::hours(24);
    const CrlSpec spec{kAt - days_ago * day, kAt + days_to_come * day, revoked};
    return Crl::FromDer(BuildCrl(spec, *issuer, key).value()).value();
  }
  std::unique_ptr<World> world_;
};

TEST_P(HostileCollateral, ACertificateOfTheSameNameOrEvenKeyDoesNotHideTheSigner) {
  const CertificateSpec spec{
      "Intel SGX TCB Signing",        "attacker", kAt - std::chrono::hours(9000),
      kAt + std::chrono::hours(9000), false,      {}};
  const IntelKeys& keys = world_->keys;
  Collateral hostile;
  hostile.certificates = {
      BuildCertificate(spec, keys.rogue, keys.rogue, world_->pki.root.get()).value(),
      BuildCertificate(spec, keys.rogue, keys.rogue, nullptr).value(),
      // Anyone can certify Intel's public key.
      BuildCertificate(spec, keys.tcb_signer, keys.rogue, world_->pki.root.get()).value()};
  ExpectBothWays(*world_, hostile, {}, "certificates");
}

TEST_P(HostileCollateral, AForgedDocumentWithAHigherNumberDoesNotHideTheGoodOne) {
  Collateral hostile;
  std::size_t forged = 0;
  for (const auto& document : world_->simulation.collateral.documents) {
    for (const auto& [from, to] :
         {std::pair("\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":99"),
          std::pair("UpToDate", "Revoked")}) {
      std::string text = document->text;
      const std::size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos);
      text.replace(at, std::string_view(from).size(), to);
      hostile.documents.push_back(
          std::make_shared<const JsonDocument>(JsonDocument{text, Sha256(AsBytes(text))}));
      ++forged;
    }
  }
  EXPECT_EQ(forged, 4U);
  ExpectBothWays(*world_, hostile, {}, "documents");
}

TEST_P(HostileCollateral, ADocumentThatAForgedSignerSignedDoesNotHideTheGoodOne) {
  const CertificateSpec spec{
      "Intel SGX TCB Signing",        "attacker", kAt - std::chrono::hours(9000),
      kAt + std::chrono::hours(9000), false,      {}};
  Simulation forged;
  IntelKeys keys = world_->keys;
  keys.tcb_signer = keys.rogue;
  ASSERT_TRUE(AddIntelDocuments(keys, GetParam(), {}, forged).has_value());
  forged.collateral.certificates = {
      BuildCertificate(spec, keys.rogue, keys.rogue, world_->pki.root.get()).value()};
  ExpectBothWays(*world_, forged.collateral, {}, "documents with their signer");
  // Alone it is refused, for its signer.
  Collateral alone = world_->simulation.collateral;
  alone.documents = forged.collateral.documents;
  alone.certificates = forged.collateral.certificates;
  EXPECT_EQ(Failed(*world_, alone), (Names{"tcb_info.signer", "qe_identity.signer"}));
}

TEST_P(HostileCollateral, AListOfAnotherKeyDoesNotHideTheGoodOne) {
  Collateral hostile;
  const IntelKeys& keys = world_->keys;
  for (const auto& issuer : {world_->pki.root, world_->pki.intermediate}) {
    hostile.crls.push_back(MakeCrl(1, 365, issuer, keys.rogue, {}));
    // Nor does it revoke anything.
    hostile.crls.push_back(
        MakeCrl(1, 365, issuer, keys.rogue,
                {world_->pki.pck, world_->pki.intermediate, world_->pki.tcb_info_signer}));
  }
  ExpectBothWays(*world_, hostile, {}, "lists");
}

// A revocation that some list has told is not taken back by a list without it: not by an older one
// that is still valid, and not because the list with it has run out.
TEST_P(HostileCollateral, AListWithoutTheRevocationDoesNotHideTheOneWithIt) {
  const IntelKeys& keys = world_->keys;
  const IntelPki& pki = world_->pki;
  const std::vector<std::pair<int, int>> dates = {{1, 60}, {20, -1}, {100, 365}};
  for (const auto& [ago, to_come] : dates) {
    Collateral hostile;
    hostile.crls = {MakeCrl(ago, to_come, pki.intermediate, keys.intermediate, {pki.pck})};
    ExpectBothWays(*world_, hostile, {"pck.revoked"}, "PCK CRL");
    hostile.crls = {MakeCrl(ago, to_come, pki.root, keys.root, {pki.intermediate})};
    ExpectBothWays(*world_, hostile, {"intermediate.revoked"}, "root CRL");
    hostile.crls = {MakeCrl(ago, to_come, pki.root, keys.root, {pki.tcb_info_signer})};
    ExpectBothWays(*world_, hostile, {"tcb_info.signer", "qe_identity.signer"},
                   "signer in root CRL");
  }
}

TEST_P(HostileCollateral, ManyCopiesOfEverythingChangeNothing) {
  Collateral copies;
  for (int i = 0; i < 20; ++i) {
    const Collateral& good = world_->simulation.collateral;
    copies.certificates.insert(copies.certificates.end(), good.certificates.begin(),
                               good.certificates.end());
    copies.crls.insert(copies.crls.end(), good.crls.begin(), good.crls.end());
    copies.documents.insert(copies.documents.end(), good.documents.begin(), good.documents.end());
  }
  ExpectBothWays(*world_, copies, {}, "copies");
}

INSTANTIATE_TEST_SUITE_P(Dcap, HostileCollateral, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "tdx" : "sgx"; });

}  // namespace
}  // namespace assay::simulate

// Receipts of the second tree: each is verified, and for each check one receipt fails it alone.
#include "ledger/ccf_receipt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "ledger/testing_applications.h"

namespace assay::ledger {
namespace {

struct ReceiptLedger {
  explicit ReceiptLedger(std::uint64_t entries) {
    for (std::uint64_t i = 0; i < entries; ++i) {
      if (i % 3 == 2) {
        ledger->Append(TestRecord(i)).value();
      } else {
        ledger->Append(TestEntry(i)).value();
      }
    }
  }
  CcfReceipt Receipt(std::uint64_t index) {
    return SignCcfReceipt(ledger->ProveCcf(index).value(), TestNode()).value();
  }

  ObservedStore store;
  std::unique_ptr<Ledger> ledger = Ledger::Open(store, TestKeys()).value();
};

std::string VerifyError(const CcfReceipt& receipt,
                        const Certificate& service = *TestNode().service) {
  const auto verified = VerifyCcfReceipt(receipt, service);
  return verified ? "" : verified.error().message;
}

TEST(CcfReceipt, IsVerifiedForEachEntryAlsoAfterItsJson) {
  ReceiptLedger it(13);
  for (std::uint64_t index = 0; index < 13; ++index) {
    const CcfReceipt receipt = it.Receipt(index);
    EXPECT_EQ(VerifyError(receipt), "");
    EXPECT_EQ(receipt.proof.claim.has_value(), index % 3 != 2);
    EXPECT_EQ(IsZero(receipt.proof.leaf.claims), index % 3 == 2);
    for (const bool with_claims : {true, false}) {
      const auto read = ParseCcfReceipt(json::Write(CcfReceiptJson(receipt, with_claims)));
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(VerifyError(*read), "");
      EXPECT_EQ(read->proof.id, TransactionOf(index));
      EXPECT_EQ(read->proof.claim.has_value(), with_claims && index % 3 != 2);
    }
  }
  EXPECT_FALSE(it.ledger->ProveCcf(13));
}

TEST(CcfReceipt, OfTheOnlyEntryHasAnEmptyProof) {
  ReceiptLedger it(1);
  EXPECT_TRUE(it.Receipt(0).proof.path.empty());
  EXPECT_EQ(VerifyError(it.Receipt(0)), "");
}

TEST(CcfReceipt, ClaimsNothingOfARedactedEntry) {
  ReceiptLedger it(2);
  const Hash claims = it.Receipt(0).proof.leaf.claims;
  it.ledger->Redact(0, "officer", "why", FromUnixSeconds(1)).value();
  const CcfReceipt receipt = it.Receipt(0);
  EXPECT_FALSE(receipt.proof.claim);
  EXPECT_EQ(receipt.proof.leaf.claims, claims);
  EXPECT_EQ(VerifyError(receipt), "");
}

TEST(CcfReceipt, GivesNoProofFromADamagedTile) {
  ReceiptLedger it(5);
  const Bytes key = TileKey(0, 0, Tree::kCcf);
  Bytes tile = it.store.Get(key).value()->value;
  tile[40] ^= std::byte{1};
  it.store.Put(key, tile);
  EXPECT_FALSE(it.ledger->ProveCcf(0));
}

// What a verifier is told when one thing was changed and all else is as it was.
std::string AfterChange(const std::function<void(CcfReceipt&)>& change) {
  static ReceiptLedger it(6);
  CcfReceipt receipt = it.Receipt(3);
  change(receipt);
  return VerifyError(receipt);
}

// The same, with a root that the proof leads to, signed again: only the check in question fails.
std::string AfterSignedChange(const std::function<void(CcfProof&)>& change) {
  return AfterChange([&change](CcfReceipt& receipt) {
    change(receipt.proof);
    receipt.proof.root = CcfRootOf(receipt.proof);
    receipt.signature = TestNode().key.SignDigest(receipt.proof.root).value();
  });
}

TEST(CcfReceipt, IsRefusedByEachCheck) {
  EXPECT_NE(AfterSignedChange([](auto& one) { one.id.seqno = 5; }).find("commit evidence"),
            std::string::npos);
  EXPECT_NE(AfterSignedChange([](auto& one) { one.id.view = 3; }).find("commit evidence"),
            std::string::npos);
  EXPECT_NE(AfterSignedChange([](auto& one) {
              one.leaf.commit_evidence.pop_back();
            }).find("commit evidence"),
            std::string::npos);
  EXPECT_NE(AfterSignedChange([](auto& one) { one.claim->contents += "x"; }).find("claims digest"),
            std::string::npos);
  EXPECT_NE(
      AfterSignedChange([](auto& one) { one.claim->collection += "x"; }).find("claims digest"),
      std::string::npos);
  EXPECT_NE(AfterSignedChange([](auto& one) {
              one.claim->secret_key[0] ^= std::byte{1};
            }).find("claims digest"),
            std::string::npos);
  EXPECT_NE(AfterChange([](auto& one) { one.proof.root[0] ^= std::byte{1}; }).find("does not lead"),
            std::string::npos);
  EXPECT_NE(AfterChange([](auto& one) { one.node_id[0] ^= 1; }).find("expected the node"),
            std::string::npos);
  EXPECT_NE(AfterChange([](auto& one) { one.signature[9] ^= std::byte{1}; }).find("did not sign"),
            std::string::npos);
  EXPECT_NE(AfterChange([](auto& one) { one.certificate += "\n"; }).find("one certificate in PEM"),
            std::string::npos);
  EXPECT_NE(AfterChange([](auto& one) {
              one.endorsements.push_back(one.certificate);
            }).find("is not endorsed by"),
            std::string::npos);
}

TEST(CcfReceipt, IsRefusedWhenTheTreeWasChangedAndNotSignedAgain) {
  const auto changed = [](const std::function<void(CcfProof&)>& change) {
    return AfterChange([&change](CcfReceipt& receipt) {
      change(receipt.proof);
      receipt.proof.root = CcfRootOf(receipt.proof);
    });
  };
  EXPECT_NE(changed([](auto& one) { one.leaf.write_set[5] ^= std::byte{1}; }).find("did not sign"),
            std::string::npos);
  EXPECT_NE(changed([](auto& one) { one.path[1].hash[5] ^= std::byte{1}; }).find("did not sign"),
            std::string::npos);
  EXPECT_NE(changed([](auto& one) {
              one.path[0].side = one.path[0].side == Side::kLeft ? Side::kRight : Side::kLeft;
            }).find("did not sign"),
            std::string::npos);
  EXPECT_NE(changed([](auto& one) { one.path.pop_back(); }).find("did not sign"),
            std::string::npos);
}

TEST(CcfReceipt, IsRefusedByAnotherService) {
  ReceiptLedger it(2);
  const NodeIdentity other = MakeTestNode();
  EXPECT_NE(VerifyError(it.Receipt(0), *other.service).find("endorses"), std::string::npos);
}

TEST(CcfReceipt, IsVerifiedThroughAServiceThatWasRenewed) {
  ReceiptLedger it(2);
  CcfReceipt receipt = it.Receipt(0);
  // The new service endorses the old one's key under its name.
  const SigningKey key = SigningKey::Generate(KeyType::kP256).value();
  const Time start = FromUnixSeconds(1'764'000'000);
  const CertificatePtr newer =
      IssueCertificate(key, {"newer", {}, start, 10, true}, key, nullptr).value();
  const CertificatePtr endorsement =
      IssueCertificate(TestNode().service->key(), {"service", {}, start, 10, true}, key, *newer)
          .value();
  EXPECT_NE(VerifyError(receipt, *newer), "");
  receipt.endorsements = {CertificateToPem(*endorsement)};
  EXPECT_EQ(VerifyError(receipt, *newer), "");
}

// One member of the answer replaced or left out.
std::string ParseError(const std::function<void(json::Object&, json::Object&)>& change) {
  static ReceiptLedger it(6);
  json::Object whole = CcfReceiptJson(it.Receipt(3), true);
  json::Object receipt = *whole[0].second.AsObject();
  change(whole, receipt);
  if (!whole.empty() && whole[0].first == "receipt") whole[0].second = receipt;
  const auto parsed = ParseCcfReceipt(json::Write(whole));
  return parsed ? "" : parsed.error().message;
}

void SetMember(json::Object& object, std::string_view name, json::Value value) {
  std::erase_if(object, [name](const json::Member& one) { return one.first == name; });
  object.emplace_back(std::string(name), std::move(value));
}

void DropMember(json::Object& object, std::string_view name) {
  std::erase_if(object, [name](const json::Member& one) { return one.first == name; });
}

TEST(CcfReceipt, IsNotReadInAnotherShape) {
  EXPECT_EQ(ParseError([](auto&, auto&) {}), "");
  for (const char* name : {"receipt", "state", "transactionId"}) {
    EXPECT_NE(ParseError([name](auto& whole, auto&) { DropMember(whole, name); }), "") << name;
  }
  for (const char* name : {"cert", "leafComponents", "nodeId", "proof", "signature"}) {
    EXPECT_NE(ParseError([name](auto&, auto& receipt) { DropMember(receipt, name); }), "") << name;
  }
  const std::string zeros(64, '0');
  const auto proof = [](json::Value one) {
    return ParseError(
        [&one](auto&, auto& receipt) { SetMember(receipt, "proof", json::Array{one}); });
  };
  EXPECT_EQ(proof(json::Object{{"left", zeros}}), "");
  EXPECT_NE(proof(json::Object{{"left", zeros}, {"right", zeros}}), "");
  EXPECT_NE(proof(json::Object{{"middle", zeros}}), "");
  EXPECT_NE(proof(json::Object{{"left", std::string(62, '0')}}), "");
  EXPECT_NE(proof(json::Object{{"left", std::string(64, 'A')}}), "");
  EXPECT_NE(proof(json::Object{{"left", 1}}), "");
  EXPECT_NE(proof("left"), "");
  const auto state = ParseError([](auto& whole, auto&) { SetMember(whole, "state", "Loading"); });
  EXPECT_NE(state.find("expected the state Ready"), std::string::npos);
  EXPECT_NE(ParseError([&](auto&, auto& receipt) { SetMember(receipt, "root", zeros); }), "");
  EXPECT_NE(ParseError([&](auto&, auto& receipt) { SetMember(receipt, "leaf", zeros); }), "");
  EXPECT_NE(ParseError([](auto&, auto& receipt) {
              json::Array many;
              for (int i = 0; i < 65; ++i) {
                many.emplace_back(json::Object{{"left", std::string(64, '0')}});
              }
              SetMember(receipt, "proof", std::move(many));
            }),
            "");
  EXPECT_NE(ParseError([](auto&, auto& receipt) {
              SetMember(receipt, "serviceEndorsements", json::Array(17, json::Value("x")));
            }),
            "");
}

TEST(CcfReceipt, SaysWhichComponentOfItsLeafIsMissing) {
  for (const char* name : {"writeSetDigest", "commitEvidence", "claimsDigest"}) {
    const std::string error = ParseError([name](auto&, auto& receipt) {
      json::Object components = *json::Value(receipt).Find("leafComponents")->AsObject();
      DropMember(components, name);
      SetMember(receipt, "leafComponents", std::move(components));
    });
    EXPECT_NE(error.find(name), std::string::npos) << error;
  }
}

TEST(CcfReceipt, ReadsClaimsOfOneKindOnly) {
  const auto claims = [](json::Array list) {
    return ParseError([&list](auto& whole, auto&) { SetMember(whole, "applicationClaims", list); });
  };
  const json::Object good = ClaimJson({"a", "b", Bytes(32)});
  EXPECT_EQ(claims({}), "");
  EXPECT_EQ(claims({good}), "");
  EXPECT_NE(claims({good, good}), "");
  json::Object other = good;
  SetMember(other, "kind", "ClaimDigest");
  EXPECT_NE(claims({other}), "");
  other = good;
  SetMember(other, "ledgerEntry", json::Object{{"protocol", "LedgerEntryV2"}});
  EXPECT_NE(claims({other}), "");
}

}  // namespace
}  // namespace assay::ledger

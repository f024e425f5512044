// A vault's key-encryption key in a TPM (libtpms, in this process).
#include "keys/tpm_kek.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/soft_tpm.h"
#include "agent/tpm_acts.h"
#include "base/encoding.h"
#include "keys/kek_ring.h"
#include "keys/passphrase_kek.h"
#include "keys/testing.h"
#include "support/temporary_folder.h"
#include "tpm2/seal.h"
#include "tpm2/tss.h"

namespace assay {
namespace {

using keys::KekPtr;
using keys::TpmKeks;

const Bytes kTpmContext = ToBytes(AsBytes("context"));

class TpmKek : public testing::Test {
 protected:
  TpmKeks Keks(std::vector<std::uint32_t> pcrs = {7}) {
    return TpmKeks(folder_.path(), std::move(pcrs),
                   [this] { return tpm2::Tpm::Over(soft_.transport()); });
  }
  void Extend(std::uint32_t pcr) {
    tpm2::Tpm tpm = tpm2::Tpm::Over(soft_.transport()).value();
    ExtendPcr(tpm, pcr, Bytes(32, std::byte{1}));
  }
  // The one file that is there.
  std::string File() const {
    return std::filesystem::directory_iterator(folder_.path())->path().string();
  }
  std::string Text() const {
    std::ostringstream out;
    out << std::ifstream(File()).rdbuf();
    return out.str();
  }
  void Replace(const std::string& text) const { std::ofstream(File()) << text; }

  SoftTpm soft_;
  TemporaryFolder folder_;
};

TEST_F(TpmKek, OpensAfterARestartWhatItWrapped) {
  const SecretBytes secret = RandomSecret(32).value();
  TpmKeks first = Keks({7, 11});
  const auto made = first.Make();
  ASSERT_TRUE(made) << made.error().message;
  const Bytes wrapped = (*made)->Wrap(kTpmContext, secret).value();
  soft_.Reboot();
  TpmKeks second = Keks();
  const auto found = second.Find((*made)->id());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(Equal((*found)->Unwrap(kTpmContext, wrapped)->view(), secret.view()));
  EXPECT_EQ(second.Find(std::string(32, '0')).error().code, ErrorCode::kMissing);
}

TEST_F(TpmKek, IsRefusedWhenAPcrOfItsChangedAndSaysWhich) {
  TpmKeks first = Keks({7, 11});
  const std::string id = first.Make().value()->id();
  Extend(10);
  EXPECT_TRUE(Keks().Find(id)) << "a PCR that it is not sealed to";
  Extend(11);
  const auto refused = Keks().Find(id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("PCR 11: expected " + std::string(64, '0') + ", found "),
            std::string::npos)
      << refused.error().message;
  EXPECT_EQ(refused.error().message.find("PCR 7"), std::string::npos);
  EXPECT_NE(refused.error().hint.find("rotate-kek --to passphrase"), std::string::npos);
}

TEST_F(TpmKek, TheTpmRefusesToo) {
  TpmKeks first = Keks();
  const std::string id = first.Make().value()->id();
  Extend(7);
  // What is written beside the sealed object is for people: changing it opens nothing.
  tpm2::Tpm tpm = tpm2::Tpm::Over(soft_.transport()).value();
  const std::string now = HexEncode(tpm.ReadPcrs({7})->at(7));
  std::string text = Text();
  text.replace(text.find(std::string(64, '0')), 64, now);
  Replace(text);
  const auto refused = Keks().Find(id);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("TPM2_Unseal"), std::string::npos)
      << refused.error().message;
  // Nor does naming another PCR.
  text.replace(text.find("\"7\""), 3, "\"8\"");
  text.replace(text.find(now), 64, std::string(64, '0'));
  Replace(text);
  EXPECT_NE(Keks().Find(id).error().message.find("TPM2_Unseal"), std::string::npos);
}

TEST_F(TpmKek, IsSealedAnewForANewState) {
  Extend(7);
  TpmKeks first = Keks();
  const std::string id = first.Make().value()->id();
  EXPECT_TRUE(Keks().Find(id));
  soft_.Reboot();
  EXPECT_FALSE(Keks().Find(id));
  Extend(7);
  EXPECT_TRUE(Keks().Find(id));
}

TEST_F(TpmKek, IsRefusedByAnotherTpmInTheSameState) {
  TpmKeks first = Keks();
  const std::string id = first.Make().value()->id();
  soft_.Replace();
  const auto refused = Keks().Find(id);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("TPM2_Load"), std::string::npos);
  EXPECT_NE(refused.error().hint.find("another TPM"), std::string::npos);
}

TEST_F(TpmKek, AnyChangedBitOfTheSealedObjectIsRefused) {
  tpm2::Tpm tpm = tpm2::Tpm::Over(soft_.transport()).value();
  const tpm2::PcrValues pcrs = tpm.ReadPcrs({7}).value();
  const tpm2::Sealed good = tpm2::Seal(tpm, pcrs, SecretBytes(32)).value();
  ASSERT_TRUE(tpm2::Unseal(tpm, {7}, good));
  for (Bytes tpm2::Sealed::*part : {&tpm2::Sealed::public_area, &tpm2::Sealed::private_area}) {
    for (std::size_t i = 0; i < (good.*part).size(); ++i) {
      tpm2::Sealed changed = good;
      (changed.*part)[i] ^= std::byte{1};
      EXPECT_FALSE(tpm2::Unseal(tpm, {7}, changed)) << i;
      changed = good;
      (changed.*part).resize(i);
      EXPECT_FALSE(tpm2::Unseal(tpm, {7}, changed)) << i;
    }
  }
}

// A transport that remembers what passes it, as somebody on the bus does.
struct Tap {
  TSS2_TCTI_CONTEXT_COMMON_V2 common{};
  TSS2_TCTI_CONTEXT* inner = nullptr;
  std::string seen;

  explicit Tap(TSS2_TCTI_CONTEXT* to) : inner(to) {
    common.v1 = reinterpret_cast<TSS2_TCTI_CONTEXT_COMMON_V2*>(to)->v1;
    common.v1.transmit = [](TSS2_TCTI_CONTEXT* context, std::size_t size,
                            const std::uint8_t* command) {
      auto* const tap = reinterpret_cast<Tap*>(context);
      tap->seen.append(reinterpret_cast<const char*>(command), size);
      return Tss2_Tcti_Transmit(tap->inner, size, command);
    };
    common.v1.receive = [](TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* response,
                           std::int32_t timeout) {
      auto* const tap = reinterpret_cast<Tap*>(context);
      const TSS2_RC out = Tss2_Tcti_Receive(tap->inner, size, response, timeout);
      if (response != nullptr) tap->seen.append(reinterpret_cast<const char*>(response), *size);
      return out;
    };
  }
};

TEST_F(TpmKek, TheSecretIsNotSeenOnTheBus) {
  Tap tap(soft_.transport());
  tpm2::Tpm tpm = tpm2::Tpm::Over(reinterpret_cast<TSS2_TCTI_CONTEXT*>(&tap)).value();
  const tpm2::PcrValues pcrs = tpm.ReadPcrs({7}).value();
  const SecretBytes secret = RandomSecret(32).value();
  const tpm2::Sealed sealed = tpm2::Seal(tpm, pcrs, secret).value();
  EXPECT_TRUE(Equal(tpm2::Unseal(tpm, {7}, sealed)->view(), secret.view()));
  EXPECT_NE(tap.seen.find(AsText(View(sealed.private_area))), std::string::npos);
  EXPECT_EQ(tap.seen.find(AsText(secret.view().first(8))), std::string::npos);
}

TEST_F(TpmKek, AVaultLeavesTheTpmBeforeItsStateChangesAndComesBack) {
  const std::string pass_folder = folder_.path() + "/passphrase";
  std::filesystem::create_directory(pass_folder);
  const auto ring = [&](bool to_tpm) {
    std::vector<std::unique_ptr<keys::KekKeeper>> out;
    out.push_back(std::make_unique<TpmKeks>(folder_.path(), std::vector<std::uint32_t>{7},
                                            [this] { return tpm2::Tpm::Over(soft_.transport()); }));
    out.insert(to_tpm ? out.end() : out.begin(),
               std::make_unique<keys::PassphraseKeks>(
                   pass_folder, SecretBytes(AsBytes("correct horse")), ScryptCost{10, 8, 1}));
    return std::make_unique<keys::KekRing>(std::move(out));
  };
  const auto store = store::NewMemoryStore();
  const auto with_tpm = ring(true);
  const auto vault = keys::Vault::Open(*store, *with_tpm, {}).value();
  const auto key = vault->Create("k", {keys::KeyKind::kEc}, {}, keys::kNoon).value();
  const auto with_passphrase = ring(false);
  const auto moving = keys::Vault::Open(*store, *with_passphrase, {}).value();
  ASSERT_TRUE(moving->data_keys().RotateKek({}));
  Extend(7);
  const auto after_update = ring(true);
  const auto reopened = keys::Vault::Open(*store, *after_update, {});
  ASSERT_TRUE(reopened) << reopened.error().message;
  EXPECT_TRUE((*reopened)->OpenKey(key));
  // Back, sealed to the new state.
  ASSERT_TRUE((*reopened)->data_keys().RotateKek({}));
  TpmKeks tpm_alone = Keks();
  EXPECT_TRUE(keys::Vault::Open(*store, tpm_alone, {}));
}

}  // namespace
}  // namespace assay

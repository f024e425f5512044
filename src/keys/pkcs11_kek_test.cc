// Against SoftHSM 2: a token of its own for each test, in a folder that goes with it.
#include "keys/pkcs11_kek.h"

#include <gtest/gtest.h>

#include "keys/pkcs11_testing.h"
#include "keys/testing.h"

namespace assay::keys {
namespace {

class Pkcs11 : public SoftHsmTest {
 protected:
  static Result<std::unique_ptr<Pkcs11Keks>> Open(std::string_view pin = "1234",
                                                  const std::string& label = "assay") {
    return std::make_unique<Pkcs11Keks>(TRY(OpenToken(pin, label)));
  }
};

const Bytes kHsmContext = ToBytes(AsBytes("context"));

TEST_F(Pkcs11, UnwrapsWhatItWrappedAfterANewLogin) {
  const SecretBytes secret = RandomSecret(32).value();
  std::string id;
  Bytes wrapped;
  {
    const auto keks = Open();
    ASSERT_TRUE(keks) << keks.error().message;
    const auto kek = (*keks)->Make();
    ASSERT_TRUE(kek) << kek.error().message;
    id = (*kek)->id();
    const auto sealed = (*kek)->Wrap(kHsmContext, secret);
    ASSERT_TRUE(sealed) << sealed.error().message;
    wrapped = *sealed;
  }
  const auto keks = Open();
  ASSERT_TRUE(keks) << keks.error().message;
  const auto kek = (*keks)->Find(id);
  ASSERT_TRUE(kek) << kek.error().message;
  const auto opened = (*kek)->Unwrap(kHsmContext, wrapped);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(Equal(opened->view(), secret.view()));
}

TEST_F(Pkcs11, RefusesAnotherContextOtherKeysAndChangedBytes) {
  const auto keks = Open().value();
  const KekPtr kek = keks->Make().value();
  const Bytes wrapped = kek->Wrap(kHsmContext, SecretBytes(32)).value();
  EXPECT_FALSE(kek->Unwrap(ToBytes(AsBytes("contexT")), wrapped));
  EXPECT_FALSE(keks->Make().value()->Unwrap(kHsmContext, wrapped));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    Bytes changed = wrapped;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(kek->Unwrap(kHsmContext, changed)) << i;
  }
  EXPECT_FALSE(kek->Unwrap(kHsmContext, View(wrapped).first(27)));
  EXPECT_TRUE(kek->Unwrap(kHsmContext, wrapped));
}

TEST_F(Pkcs11, TellsWhatIsMissingOrWrong) {
  EXPECT_EQ(Open("9999").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Open("1234", "other").error().code, ErrorCode::kMissing);
  EXPECT_FALSE(Pkcs11Token::Open({"/nowhere.so", "assay", SecretBytes(4)}));
  const auto keks = Open().value();
  EXPECT_EQ(keks->Find(std::string(32, '0')).error().code, ErrorCode::kMissing);
  EXPECT_EQ(keks->Find("zz").error().code, ErrorCode::kMalformed);
}

TEST_F(Pkcs11, AVaultRestsUnderItAndMovesToANewKekOfIt) {
  const auto keks = Open().value();
  const auto store = store::NewMemoryStore();
  const auto vault = Vault::Open(*store, *keks, {}).value();
  const KeyVersion key = vault->Create("k", {KeyKind::kEc}, {}, kNoon).value();
  const Bytes backup = vault->Backup("k").value();
  ASSERT_TRUE(vault->data_keys().RotateKek({}));
  const auto reopened = Vault::Open(*store, *keks, {}).value();
  EXPECT_TRUE(reopened->OpenKey(*reopened->Get("k", key.version)));
  ASSERT_TRUE(reopened->Delete("k", kNoon));
  ASSERT_TRUE(reopened->Purge("k"));
  EXPECT_TRUE(reopened->Restore(backup, kNoon));
}

}  // namespace
}  // namespace assay::keys

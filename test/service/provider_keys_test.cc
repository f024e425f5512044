// New keys of custom providers, taken up by a running service.
#include <gtest/gtest.h>

#include "service/providers.h"

namespace assay {
namespace {

std::shared_ptr<const KeyRing> Ring() {
  return std::make_shared<const KeyRing>(std::vector<TokenSigner>{MakeSigner()});
}

std::string SignerOf(Providers& with, std::string_view provider) {
  const auto service = with.host.Find(provider).value();
  return KeyId(*service->PublishedSigners().front().certificate);
}

TEST(ProviderKeys, AreTakenUpByEachProviderOnItsOwn) {
  Providers with;
  const std::string shared = KeyId(*with.root.service.PublishedSigners().front().certificate);
  const std::string of_b = SignerOf(with, "team-b");
  SignerOf(with, "team-a");
  const auto fresh = Ring();
  const std::size_t reloaded =
      with.host.ReloadKeys([&](const Provider& provider) -> Result<std::shared_ptr<const KeyRing>> {
        if (provider.name == "team-a") return fresh;
        return Fail(ErrorCode::kMissing, "no keys");
      });
  EXPECT_EQ(reloaded, 1U);
  const Time now = FromUnixSeconds(kTokenTime);
  EXPECT_EQ(SignerOf(with, "team-a"), KeyId(*fresh->SignerAt(now).certificate));
  EXPECT_EQ(SignerOf(with, "team-b"), of_b) << "what cannot be read changes nothing";
  EXPECT_EQ(KeyId(*with.root.service.PublishedSigners().front().certificate), shared);
  EXPECT_EQ(with.Attest("/providers/team-a").status, 200U);
  with.Claims(with.Attest("/providers/team-a"), "team-a");
}

TEST(ProviderKeys, AreNotReadForProvidersThatNobodyAskedFor) {
  Providers with;
  EXPECT_EQ(with.host.ReloadKeys([](const Provider&) { return Ring(); }), 0U);
  SignerOf(with, "team-a");
  EXPECT_EQ(with.host.ReloadKeys([](const Provider&) { return Ring(); }), 1U);
}

TEST(ProviderKeys, StayWhenAPolicyChanges) {
  Providers with;
  SignerOf(with, "team-a");
  const auto fresh = Ring();
  with.host.ReloadKeys([&](const Provider&) { return fresh; });
  with.Send("PUT", "/providers/team-a/policies/SgxEnclave", UnsecuredPolicyToken(kPermit));
  EXPECT_EQ(SignerOf(with, "team-a"),
            KeyId(*fresh->SignerAt(FromUnixSeconds(kTokenTime)).certificate));
}

TEST(ProviderKeys, ThatCannotBeReadAreReported) {
  Providers with;
  std::vector<std::string> told;
  ProviderHost host(
      *with.store, [&](const Provider&) { return with.host.Find("team-a"); },
      [&](std::string_view name, const Error&) { told.emplace_back(name); });
  ASSERT_TRUE(host.Find("team-a"));
  host.ReloadKeys([](const Provider&) -> Result<std::shared_ptr<const KeyRing>> {
    return Fail(ErrorCode::kMissing, "no keys");
  });
  EXPECT_EQ(told, std::vector<std::string>{"team-a"});
}

}  // namespace
}  // namespace assay

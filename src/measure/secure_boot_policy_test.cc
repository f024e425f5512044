#include "measure/secure_boot_policy.h"

#include <gtest/gtest.h>

#include "crypto/authenticode_testing.h"
#include "measure/shim.h"
#include "measure/testing.h"

namespace assay::measure {
namespace {

using assay::testing::MakeAuthenticode;
using assay::testing::MakeSigner;
using assay::testing::Signer;
using tcg::kEfiImageSecurityDatabase;
using testing::Le;
using testing::MakePe;
using testing::Stored;

constexpr tcg::Guid kX509 =
    tcg::MakeGuid(0xa5c059a1, 0x94e4, 0x4aa7, {0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72});
constexpr tcg::Guid kSha256 =
    tcg::MakeGuid(0xc1c41626, 0x504c, 0x4092, {0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28});
constexpr tcg::Guid kOwner = tcg::MakeGuid(1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11});

// EFI_SIGNATURE_LIST of one entry.
Bytes List(const tcg::Guid& type, View data) {
  Bytes out = ToBytes(type);
  Le(out, 28 + 16 + data.size(), 4);
  Le(out, 0, 4);
  Le(out, 16 + data.size(), 4);
  Append(out, kOwner);
  Append(out, data);
  return out;
}

Bytes Joined(Bytes first, const Bytes& second) {
  Append(first, second);
  return first;
}

UefiVariables Variables(const Bytes& db, const Bytes& dbx = {}, std::vector<Stored> more = {}) {
  more.push_back({kEfiImageSecurityDatabase, "db", db});
  more.push_back({kEfiImageSecurityDatabase, "dbx", dbx});
  return UefiVariables::FromStore(testing::MakeStore(more)).value();
}

Sha256Digest DigestOf(const Bytes& file) {
  return Sha256(PeImage::Parse(file).value().AuthenticodeInput());
}

Bytes Signed(const Bytes& image, const Signer& signer) {
  return testing::WithCertificate(image, MakeAuthenticode(DigestOf(image), signer));
}

Result<Authority> AuthorityIn(const Bytes& image, const UefiVariables& variables) {
  return AuthorityOf(PeImage::Parse(image).value(), variables);
}

TEST(SecureBootPolicy, TheAuthorityIsTheCertificateThatVerifies) {
  const Signer other = MakeSigner("other"), signer = MakeSigner("signer");
  const Bytes image = Signed(MakePe({{".text", "loader"}}), signer);
  const auto variables = Variables(
      Joined(List(kX509, other.certificate->der()), List(kX509, signer.certificate->der())));
  const Authority authority = AuthorityIn(image, variables).value();
  EXPECT_EQ(authority.variable, "db");
  Bytes expected = ToBytes(kOwner);
  Append(expected, signer.certificate->der());
  EXPECT_EQ(authority.data, expected) << "EFI_SIGNATURE_DATA, not the certificate alone";
}

TEST(SecureBootPolicy, ADigestInDbVouchesForAnUnsignedImage) {
  const Bytes image = MakePe({{".text", "loader"}});
  const Sha256Digest digest = DigestOf(image);
  const Authority authority = AuthorityIn(image, Variables(List(kSha256, digest))).value();
  EXPECT_TRUE(Equal(View(authority.data).subspan(16), digest));
}

TEST(SecureBootPolicy, RefusesWhatNothingVouchesFor) {
  const Bytes image = MakePe({{".text", "loader"}});
  const auto refusal = AuthorityIn(image, Variables({}));
  ASSERT_FALSE(refusal);
  EXPECT_NE(refusal.error().message.find("nothing in db"), std::string::npos);
}

TEST(SecureBootPolicy, RefusesASignatureOfAnotherImage) {
  const Signer signer = MakeSigner("signer");
  const Bytes image = MakePe({{".text", "loader"}});
  const Bytes transplanted = testing::WithCertificate(
      image, MakeAuthenticode(DigestOf(MakePe({{".text", "other"}})), signer));
  EXPECT_FALSE(AuthorityIn(transplanted, Variables(List(kX509, signer.certificate->der()))));
}

TEST(SecureBootPolicy, DbxForbidsADigestThatDbAllows) {
  const Signer signer = MakeSigner("signer");
  const Bytes image = Signed(MakePe({{".text", "loader"}}), signer);
  const Bytes db = List(kX509, signer.certificate->der());
  ASSERT_TRUE(AuthorityIn(image, Variables(db)));
  const auto refusal = AuthorityIn(image, Variables(db, List(kSha256, DigestOf(image))));
  ASSERT_FALSE(refusal);
  EXPECT_NE(refusal.error().message.find("dbx forbids"), std::string::npos);
}

// shim with that certificate and SBAT level inside, signed by `signer`.
Bytes Shim(const Signer& signer, const Signer& vendor, std::string_view level) {
  Bytes certificate;
  Le(certificate, vendor.certificate->der().size(), 4);
  Le(certificate, 0, 4);
  Le(certificate, 16, 4);
  Le(certificate, 16 + vendor.certificate->der().size(), 4);
  Append(certificate, vendor.certificate->der());
  Bytes levels;
  Le(levels, 0, 4);
  Le(levels, 8, 4);
  Le(levels, 8 + level.size() + 1, 4);
  Append(levels, AsBytes(level));
  levels.push_back(std::byte{0});
  Bytes file =
      MakePe({{"/4", std::string(AsText(certificate))}, {"/17", std::string(AsText(levels))}});
  testing::Put(file, testing::kPeHeader + 12, file.size(), 4);
  Append(file, AsBytes(std::string_view("\0\0\0\0.vendor_cert\0.sbatlevel\0\0\0\0\0\0\0\0", 36)));
  file.resize((file.size() + 7) / 8 * 8);
  return Signed(file, signer);
}

constexpr std::string_view kLevel = "sbat,1,2025021800\nshim,4\n";

struct Chain {
  Signer firmware = MakeSigner("firmware"), vendor = MakeSigner("vendor");
  Bytes shim = Shim(firmware, vendor, kLevel);
  Bytes grub = Signed(MakePe({{".text", "grub"}}), vendor);

  Result<std::vector<Authority>> Authorities(const UefiVariables& variables) const {
    const PeImage loaded = PeImage::Parse(grub).value();
    return ShimAuthorities(PeImage::Parse(shim).value(), {&loaded}, variables);
  }
  Bytes Db() const { return List(kX509, firmware.certificate->der()); }
};

TEST(ShimPolicy, MeasuresDbThenSbatLevelThenItsOwnCertificate) {
  const Chain chain;
  const auto authorities = chain.Authorities(Variables(chain.Db())).value();
  ASSERT_EQ(authorities.size(), 3U);
  EXPECT_EQ(authorities[0].variable, "db");
  EXPECT_EQ(AsText(authorities[1].data), kLevel);
  EXPECT_EQ(authorities[2].variable, "MokListRT");
  EXPECT_TRUE(Equal(View(authorities[2].data).subspan(16), chain.vendor.certificate->der()));
}

TEST(ShimPolicy, KeepsANewerSbatLevelOfTheStore) {
  const Chain chain;
  const auto level_with = [&](std::string_view stored) {
    const auto variables =
        Variables(chain.Db(), {}, {{tcg::kShimLock, "SbatLevel", ToBytes(AsBytes(stored))}});
    return std::string(AsText(chain.Authorities(variables).value()[1].data));
  };
  EXPECT_EQ(level_with("sbat,1,2025051000\n"), "sbat,1,2025051000\n");
  EXPECT_EQ(level_with("sbat,1,2021030218\n"), kLevel);
}

TEST(ShimPolicy, RefusesABootLoaderOfAnotherVendor) {
  Chain chain;
  chain.grub = Signed(MakePe({{".text", "grub"}}), MakeSigner("vendor"));
  const auto refusal = chain.Authorities(Variables(chain.Db()));
  ASSERT_FALSE(refusal);
  EXPECT_NE(refusal.error().message.find("not signed by vendor"), std::string::npos);
}

TEST(ShimPolicy, RefusesABootLoaderThatDbVouchesFor) {
  Chain chain;
  chain.grub = Signed(MakePe({{".text", "grub"}}), chain.firmware);
  const auto refusal = chain.Authorities(Variables(chain.Db()));
  ASSERT_FALSE(refusal);
  EXPECT_NE(refusal.error().message.find("not predicted"), std::string::npos);
}

TEST(ShimPolicy, RefusesKeysOfTheMachinesOwner) {
  const Chain chain;
  for (const std::string name : {"MokList", "MokSBState", "SbatPolicy"}) {
    const auto refusal =
        chain.Authorities(Variables(chain.Db(), {}, {{tcg::kShimLock, name, Bytes(1)}}));
    ASSERT_FALSE(refusal);
    EXPECT_NE(refusal.error().message.find(name), std::string::npos);
  }
}

TEST(Shim, RefusesSectionsThatAreNotAsExpected) {
  const auto refusal = [](const std::string& name, const std::string& content) {
    Bytes file = MakePe({{"/4", content}});
    testing::Put(file, testing::kPeHeader + 12, file.size(), 4);
    Append(file, AsBytes(std::string_view("\0\0\0\0", 4)));
    Append(file, AsBytes(name + '\0'));
    const PeImage image = PeImage::Parse(file).value();
    if (name == ".vendor_cert") {
      const auto certificate = VendorCertificate(image);
      return certificate ? std::string() : certificate.error().message;
    }
    const auto level = AutomaticSbatLevel(image);
    return level ? std::string() : level.error().message;
  };
  const auto words = [](std::initializer_list<std::uint32_t> values, std::string_view text) {
    Bytes out;
    for (const std::uint32_t value : values) Le(out, value, 4);
    return std::string(AsText(out)) + std::string(text);
  };
  EXPECT_NE(refusal(".vendor_cert", words({4, 0, 16, 0}, "list")).find("no single"),
            std::string::npos);
  EXPECT_NE(refusal(".vendor_cert", words({9, 0, 16, 0}, "list")).find("vendor certificate"),
            std::string::npos);
  EXPECT_NE(refusal(".sbatlevel", words({1, 8, 8}, "sbat")).find("version 1"), std::string::npos);
  EXPECT_NE(refusal(".sbatlevel", words({0, 99, 8}, "sbat")).find("automatic"), std::string::npos);
  EXPECT_NE(refusal(".sbatlevel", words({0, 8, 8}, "no date\0")).find("SBAT level"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::measure

#include "collateral/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/encoding.h"
#include "base/json.h"
#include "collateral/bundle.h"
#include "collateral/oe_endorsements.h"
#include "collateral/testing.h"

namespace assay {
namespace {

constexpr std::string_view kDocument =
    R"({"tcbInfo":{"id":"SGX", "nextUpdate":"2030-01-01T00:00:00Z"},"signature":"ab"})";

const testing::Pki& ThePki() {
  static const testing::Pki pki = testing::MakePki("Test Root", 1700000000, 1000);
  return pki;
}

std::string Pem(View der, std::string_view label) {
  return fmt::format("-----BEGIN {0}-----\n{1}\n-----END {0}-----\n", label, Base64Encode(der));
}

void ExpectCounts(View content, std::size_t certificates, std::size_t crls, std::size_t documents) {
  Collateral out;
  const auto added = AddCollateral(content, out);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(out.certificates.size(), certificates);
  EXPECT_EQ(out.crls.size(), crls);
  EXPECT_EQ(out.documents.size(), documents);
}

TEST(Load, CertificatesInEveryForm) {
  const Bytes& der = ThePki().certificate;
  const std::string pem = Pem(der, "CERTIFICATE");
  ExpectCounts(der, 1, 0, 0);
  ExpectCounts(AsBytes(pem), 1, 0, 0);
  ExpectCounts(AsBytes(pem + std::string(2, '\0')), 1, 0, 0);
  ExpectCounts(AsBytes(HexEncode(der)), 1, 0, 0);
  ExpectCounts(AsBytes(pem + Pem(ThePki().crl, "X509 CRL")), 1, 1, 0);
  std::string escaped;
  for (const char c : pem) {
    escaped += std::isalnum(static_cast<unsigned char>(c)) || c == '-' ? std::string(1, c)
                                                                       : fmt::format("%{:02X}", c);
  }
  ExpectCounts(AsBytes(escaped), 1, 0, 0);
  Bytes run = der;
  Append(run, testing::MakePki("Other", 1700000000, 1000).certificate);
  ExpectCounts(run, 2, 0, 0);
}

TEST(Load, CrlsInEveryForm) {
  const Bytes& der = ThePki().crl;
  ExpectCounts(der, 0, 1, 0);
  ExpectCounts(AsBytes(HexEncode(der) + "\n"), 0, 1, 0);
  ExpectCounts(AsBytes(Base64Encode(der)), 0, 1, 0);
  ExpectCounts(AsBytes(Pem(der, "X509 CRL")), 0, 1, 0);
}

TEST(Load, DocumentKeepsItsExactText) {
  Collateral out;
  ASSERT_TRUE(AddCollateral(AsBytes(kDocument), out));
  ASSERT_EQ(out.documents.size(), 1U);
  EXPECT_EQ(out.documents[0]->text, kDocument);
  EXPECT_EQ(out.documents[0]->digest, Sha256(AsBytes(kDocument)));
  ASSERT_TRUE(AddCollateral(AsBytes(kDocument), out));
  EXPECT_EQ(out.documents.size(), 1U) << "the same document was kept twice";
}

TEST(Load, JsonBundles) {
  const std::string split = json::Write(json::Object{
      {"pck_crl", HexEncode(ThePki().crl)},
      {"pck_crl_issuer_chain", Pem(ThePki().certificate, "CERTIFICATE")},
      {"tcb_info", R"({"id":"SGX", "version":3})"},
      {"tcb_info_signature", "abcd"},
  });
  ExpectCounts(AsBytes(split), 1, 1, 1);
  const std::string nested =
      fmt::format(R"({{"collaterals":{{"sgx": {}, "n":[1,"x"]}}}})", kDocument);
  Collateral out;
  ASSERT_TRUE(AddCollateral(AsBytes(nested), out));
  ASSERT_EQ(out.documents.size(), 1U);
  EXPECT_EQ(out.documents[0]->text, kDocument);
}

TEST(Load, ForeignAndBrokenContent) {
  Collateral out;
  for (const std::string_view text : {"", "hello", "{\"a\":1}", "[1,2]", "3031", "MAAA", "{"}) {
    const auto added = AddCollateral(AsBytes(text), out);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().code, ErrorCode::kUnsupported) << text;
  }
  Bytes evidence(64);
  Append(evidence, AsBytes(Pem(ThePki().certificate, "CERTIFICATE")));
  EXPECT_FALSE(AddCollateral(evidence, out)) << "PEM within binary evidence is no collateral";
  const auto broken = AddCollateral(AsBytes(Pem(AsBytes("not DER"), "CERTIFICATE")), out);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kMalformed);
  EXPECT_TRUE(out.certificates.empty());
}

class LoadDir : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "assay-load-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, View content) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << AsText(content);
  }
  std::filesystem::path folder_;
};

TEST_F(LoadDir, FolderIsReadToItsDepthAndNotBeyondLinks) {
  Write("b.bin", ThePki().certificate);
  Write("a/c.txt", AsBytes(HexEncode(ThePki().crl)));
  Write("a/b/c/doc", AsBytes(kDocument));
  Write("a/b/c/d/deep", testing::MakePki("Deep", 1700000000, 1000).certificate);
  Write("about.json", AsBytes("{}"));
  std::filesystem::create_symlink(folder_ / "b.bin", folder_ / "link");
  std::vector<std::string> notes;
  CrlDer crl_der;
  const auto loaded = LoadCollateralDir(folder_, &notes, &crl_der);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->certificates.size(), 1U);
  EXPECT_EQ(loaded->documents.size(), 1U);
  ASSERT_EQ(loaded->crls.size(), 1U);
  EXPECT_EQ(notes.size(), 3U) << "expected: about.json, the link, the folder too deep";

  const Bundle bundle{*loaded, crl_der, FromUnixSeconds(1700000001)};
  const auto text = ExportBundle(bundle);
  ASSERT_TRUE(text) << text.error().message;
  const auto again = ImportBundle(*text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->created, bundle.created);
  EXPECT_EQ(again->crl_der, crl_der);
  EXPECT_EQ(ExportBundle(*again).value(), *text);
  EXPECT_FALSE(ExportBundle({*loaded, {}, {}})) << "a CRL without its DER cannot be exported";
  ExpectCounts(AsBytes(*text), 1, 1, 1);
}

TEST_F(LoadDir, MissingFolder) {
  const auto loaded = LoadCollateralDir(folder_ / "none", nullptr);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kMissing);
}

TEST(Bundle, RefusesAnotherFormat) {
  EXPECT_FALSE(ImportBundle(R"({"format":"assay-collateral-2"})"));
  EXPECT_FALSE(ImportBundle("{}"));
}

void PutLe(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

Bytes OeSgx(std::uint32_t bad_offset = 0) {
  Bytes data, header;
  std::vector<std::size_t> offsets;
  const std::vector<std::string> items{
      "1234", std::string(kDocument), "", HexEncode(ThePki().crl), "", "", "", "", "2025"};
  for (const auto& item : items) {
    offsets.push_back(data.size());
    Append(data, AsBytes(item));
    data.push_back(std::byte{0});
  }
  for (const std::size_t value : {std::size_t{1}, std::size_t{2}, data.size() + 36, items.size()}) {
    PutLe(header, value, 4);
  }
  for (const std::size_t offset : offsets) PutLe(header, offset + bad_offset, 4);
  Append(header, data);
  return header;
}

TEST(OeEndorsements, Sgx) {
  const Bytes blob = OeSgx();
  ExpectCounts(blob, 0, 1, 1);
  for (std::size_t size = 0; size < blob.size(); size += 7) {
    EXPECT_FALSE(ParseOeEndorsements(View(blob).first(size)));
  }
  EXPECT_FALSE(ParseOeEndorsements(OeSgx(100000)));
}

TEST(OeEndorsements, Tdx) {
  const std::vector<std::string> items{Pem(ThePki().certificate, "CERTIFICATE"),
                                       HexEncode(ThePki().crl),
                                       "",
                                       "",
                                       std::string(kDocument),
                                       "",
                                       ""};
  Bytes blob;
  PutLe(blob, 4, 4);
  PutLe(blob, 0x81, 4);
  for (const auto& item : items) {
    PutLe(blob, 0x7fff12345678, 8);
    PutLe(blob, item.size() + 1, 4);
    PutLe(blob, 0, 4);
  }
  for (const auto& item : items) {
    Append(blob, AsBytes(item));
    blob.push_back(std::byte{0});
  }
  ExpectCounts(blob, 1, 1, 1);
  EXPECT_FALSE(ParseOeEndorsements(View(blob).first(blob.size() - 1)));
}

}  // namespace
}  // namespace assay

#include "measure/pe_image.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "measure/testing.h"

namespace assay::measure {
namespace {

using testing::kCertificateEntry;
using testing::kChecksum;
using testing::kHeadersSize;
using testing::kPeHeader;
using testing::kSectionTable;
using testing::MakePe;
using testing::Put;
using testing::WithCertificate;

Bytes SampleImage() { return MakePe({{".text", "some code"}, {".osrel", "ID=test"}}); }

Sha256Digest Digest(const Bytes& file) {
  return Sha256(PeImage::Parse(file).value().AuthenticodeInput());
}

std::string ImageRefusal(const Bytes& file) {
  const auto image = PeImage::Parse(file);
  return image ? "" : image.error().message;
}

TEST(PeImage, FindsSectionsWithTheirContentAndNotTheirPadding) {
  const Bytes file = SampleImage();
  const PeImage image = PeImage::Parse(file).value();
  ASSERT_NE(image.Section(".osrel"), nullptr);
  EXPECT_EQ(AsText(image.Section(".osrel")->content), "ID=test");
  EXPECT_EQ(image.Section(".osrel")->raw.size(), 16U);
  EXPECT_EQ(image.Section(".cmdline"), nullptr);
}

TEST(PeImage, ReadsLongSectionNamesFromTheStringTable) {
  Bytes file = MakePe({{"/4", "sbat,1"}});
  Put(file, kPeHeader + 12, file.size(), 4);  // no symbols: the strings stand there
  Append(file, AsBytes(std::string_view("\x10\0\0\0.sbatlevel\0", 15)));
  const PeImage image = PeImage::Parse(file).value();
  EXPECT_EQ(image.sections()[0].name, ".sbatlevel");
}

TEST(PeImage, DigestLeavesOutChecksumDirectoryEntryAndCertificates) {
  const Bytes plain = SampleImage();
  Bytes changed = plain;
  Put(changed, kChecksum, 0x12345678, 4);
  EXPECT_EQ(Digest(changed), Digest(plain));
  EXPECT_EQ(Digest(WithCertificate(plain, ByteArray<8>{})), Digest(plain));
  // Exactly these bytes, and all others.
  const View all(plain);
  Bytes expected = ToBytes(all.first(kChecksum));
  Append(expected, all.subspan(kChecksum + 4, kCertificateEntry - kChecksum - 4));
  Append(expected, all.subspan(kCertificateEntry + 8));
  EXPECT_EQ(Digest(plain), Sha256(expected));
}

TEST(PeImage, DigestCoversEveryOtherByte) {
  const Bytes plain = SampleImage();
  for (const std::size_t at : {std::size_t{2}, kPeHeader + 8, kSectionTable + 36, kHeadersSize - 1,
                               kHeadersSize, plain.size() - 1}) {
    Bytes changed = plain;
    changed[at] ^= std::byte{1};
    EXPECT_NE(Digest(changed), Digest(plain)) << at;
  }
}

TEST(PeImage, DigestTakesSectionsInFileOrder) {
  Bytes file = SampleImage();
  const Sha256Digest before = Digest(file);
  // The two entries change places: only the bytes of the table differ.
  std::swap_ranges(file.begin() + kSectionTable, file.begin() + kSectionTable + 40,
                   file.begin() + kSectionTable + 40);
  Bytes expected = ToBytes(View(file).first(kChecksum));
  Append(expected, View(file).subspan(kChecksum + 4, kCertificateEntry - kChecksum - 4));
  Append(expected, View(file).subspan(kCertificateEntry + 8));
  EXPECT_EQ(Digest(file), Sha256(expected));
  EXPECT_NE(Digest(file), before);
}

TEST(PeImage, DigestCoversWhatStandsBehindTheSections) {
  Bytes file = SampleImage();
  const Sha256Digest before = Digest(file);
  file.resize(file.size() + 8);
  EXPECT_NE(Digest(file), before);
}

TEST(PeImage, ListsOnlyPkcsSignatures) {
  const Bytes file = WithCertificate(SampleImage(), AsBytes("signature"));
  const PeImage image = PeImage::Parse(file).value();
  ASSERT_EQ(image.signatures().size(), 1U);
  EXPECT_EQ(AsText(image.signatures()[0]), "signature");
  const Bytes other = WithCertificate(SampleImage(), AsBytes("x509"), 1);
  EXPECT_TRUE(PeImage::Parse(other).value().signatures().empty());
}

TEST(PeImage, RefusesEveryTruncation) {
  const Bytes file = WithCertificate(SampleImage(), AsBytes("signature"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(PeImage::Parse(cut)) << size;
  }
}

TEST(PeImage, RefusesCorruptHeadersEachForItsReason) {
  struct Fault {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
    std::string reason;
  };
  const std::vector<Fault> faults = {
      {0, 0x4D5A, 2, "\"MZ\""},
      {0x3C, 0xFFFFFFF0, 4, "beyond"},
      {kPeHeader, 0, 4, "\"PE\""},
      {kPeHeader + 6, 97, 2, "at most 96"},
      {kPeHeader + 24, 0x107, 2, "of type"},
      {kPeHeader + 24 + 60, 0x10, 4, "SizeOfHeaders"},
      {kPeHeader + 24 + 60, 0xFFFFFF, 4, "SizeOfHeaders"},
      {kSectionTable + 16, 0xFFFFFF, 4, "section .text"},
      {kSectionTable + 20, kHeadersSize - 16, 4, "overlap"},
      {kCertificateEntry + 4, 0xFFFF, 4, "certificate table"},
  };
  for (const Fault& fault : faults) {
    Bytes file = SampleImage();
    Put(file, fault.at, fault.value, fault.size);
    EXPECT_NE(ImageRefusal(file).find(fault.reason), std::string::npos)
        << fault.reason << ": " << ImageRefusal(file);
  }
}

TEST(PeImage, RefusesACertificateLongerThanItsTable) {
  Bytes file = WithCertificate(SampleImage(), AsBytes("signature"));
  Put(file, SampleImage().size(), 0x1000, 4);
  EXPECT_NE(ImageRefusal(file).find("a certificate of"), std::string::npos) << ImageRefusal(file);
}

}  // namespace
}  // namespace assay::measure

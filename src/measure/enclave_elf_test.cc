#include "measure/enclave_elf.h"

#include <gtest/gtest.h>

#include "measure/sigstruct_testing.h"

namespace assay::measure {
namespace {

using testing::Le;
using testing::LeNumber;
using testing::MakeSigstruct;
using testing::Put;

const Sha256Digest kHash = Sha256(AsBytes("an enclave"));

// ELF-64 with these sections and the one of their names, which is the last.
Bytes MakeElf(std::vector<std::pair<std::string, Bytes>> sections) {
  std::string names;
  for (const auto& [name, content] : sections) names += name + '\0';
  names += std::string(".shstrtab") + '\0';
  sections.emplace_back(".shstrtab", ToBytes(AsBytes(names)));
  Bytes out =
      ToBytes(AsBytes("\x7F"
                      "ELF\x02\x01\x01"));
  out.resize(64);
  Put(out, 18, 62, 2);
  std::vector<std::uint64_t> at;
  for (const auto& [name, content] : sections) {
    at.push_back(out.size());
    Append(out, content);
  }
  Put(out, 40, out.size(), 8);
  Put(out, 58, 64, 2);
  Put(out, 60, sections.size(), 2);
  Put(out, 62, sections.size() - 1, 2);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    Le(out, names.find(sections[i].first + '\0'), 4);
    out.resize(out.size() + 20);
    Le(out, at[i], 8);
    Le(out, sections[i].second.size(), 8);
    out.resize(out.size() + 24);
  }
  return out;
}

constexpr std::uint64_t kMetadataMagic = 0x86A80294635D0E4C;

Bytes MetadataWith(View sigstruct, std::uint32_t size = 64 + kSigstructBytes + 32) {
  Bytes out;
  Le(out, kMetadataMagic, 8);
  Le(out, 0x100000003, 8);
  Le(out, size, 4);
  out.resize(64);
  Append(out, sigstruct);
  out.resize(64 + kSigstructBytes + 32);
  return out;
}

Bytes NoteWith(View metadata, std::string_view name = std::string_view("sgx_metadata\0", 13)) {
  Bytes out = LeNumber(name.size(), 4);
  Le(out, metadata.size(), 4);
  Le(out, 1, 4);
  Append(out, AsBytes(name));
  Append(out, metadata);
  return out;
}

Bytes IntelEnclave(View metadata) {
  return MakeElf({{".text", Bytes(10)}, {".note.sgxmeta", NoteWith(metadata)}});
}

std::string FoundIn(const Bytes& image) {
  const auto found = SigstructInElf(image);
  if (!found) return found.error().message;
  return Equal(*found, MakeSigstruct(kHash)) ? "found" : "another";
}

TEST(EnclaveElf, FindsTheSigstructOfIntelsSdk) {
  Bytes metadata = MetadataWith(MakeSigstruct(kHash));
  metadata.resize(0x5000);  // room for more blocks
  EXPECT_EQ(FoundIn(IntelEnclave(metadata)), "found");
  EXPECT_TRUE(LooksLikeElf(IntelEnclave(metadata)));
}

TEST(EnclaveElf, BlocksForOtherLoadersHoldTheSameSignature) {
  Bytes metadata = MetadataWith(MakeSigstruct(kHash));
  Append(metadata, MetadataWith(MakeSigstruct(kHash)));
  EXPECT_EQ(FoundIn(IntelEnclave(metadata)), "found");
  Append(metadata, MetadataWith(MakeSigstruct(Sha256(AsBytes("another")))));
  EXPECT_NE(FoundIn(IntelEnclave(metadata)).find("different signatures"), std::string::npos);
}

TEST(EnclaveElf, RefusesEachFaultOfTheNote) {
  const Bytes sigstruct = MakeSigstruct(kHash);
  Bytes cut = MetadataWith(sigstruct);
  cut.pop_back();
  EXPECT_NE(FoundIn(IntelEnclave(cut)).find("is cut"), std::string::npos);
  EXPECT_NE(FoundIn(IntelEnclave(MetadataWith(sigstruct, 100))).find("SIGSTRUCT"),
            std::string::npos);
  EXPECT_NE(FoundIn(IntelEnclave(MetadataWith(sigstruct, 0))).find("no SGX metadata"),
            std::string::npos);
  Bytes no_magic = MetadataWith(sigstruct);
  no_magic[0] ^= std::byte{1};
  EXPECT_NE(FoundIn(IntelEnclave(no_magic)).find("no SGX metadata"), std::string::npos);
  const Bytes named = NoteWith(MetadataWith(sigstruct), std::string_view("sgx_metadatb\0", 13));
  EXPECT_NE(FoundIn(MakeElf({{".note.sgxmeta", named}})).find("not named"), std::string::npos);
}

Bytes OeInfo(View sigstruct) {
  Bytes out(144);
  Append(out, sigstruct);
  Le(out, 0xECECECECECECECEC, 8);
  return out;
}

TEST(EnclaveElf, FindsTheSigstructOfOpenEnclave) {
  EXPECT_EQ(FoundIn(MakeElf({{".oeinfo", OeInfo(MakeSigstruct(kHash))}})), "found");
}

TEST(EnclaveElf, RefusesNoneAndTwoSignaturesOfOpenEnclave) {
  const Bytes unsigned_info = OeInfo(Bytes(kSigstructBytes));
  EXPECT_NE(FoundIn(MakeElf({{".oeinfo", unsigned_info}})).find("no signature"), std::string::npos);
  Bytes two = OeInfo(MakeSigstruct(kHash));
  Append(two, MakeSigstruct(Sha256(AsBytes("another"))));
  EXPECT_NE(FoundIn(MakeElf({{".oeinfo", two}})).find("two signatures"), std::string::npos);
}

TEST(EnclaveElf, RefusesAnImageOfNoOrTwoSdks) {
  EXPECT_NE(FoundIn(MakeElf({{".text", Bytes(10)}})).find("neither"), std::string::npos);
  const Bytes sigstruct = MakeSigstruct(kHash);
  EXPECT_NE(FoundIn(MakeElf({{".note.sgxmeta", NoteWith(MetadataWith(sigstruct))},
                             {".oeinfo", OeInfo(sigstruct)}}))
                .find("two SDKs"),
            std::string::npos);
}

TEST(EnclaveElf, RefusesEachFaultOfTheHeaders) {
  const Bytes good = IntelEnclave(MetadataWith(MakeSigstruct(kHash)));
  struct Fault {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
    std::string reason;
  };
  for (const Fault& fault : std::vector<Fault>{
           {0, 0, 1, "no ELF file"},
           {4, 1, 1, "x86-64"},   // ELF-32
           {5, 2, 1, "x86-64"},   // big-endian
           {18, 3, 2, "x86-64"},  // another processor
           {40, ~0ULL, 8, "table of sections reaches"},
           {58, 40, 2, "no table"},
           {60, 0, 2, "no table"},
           {62, 3, 2, "no table"},
           {good.size() - 2 * 64 + 24, good.size(), 8, "section reaches"},
           {good.size() - 2 * 64 + 32, ~0ULL, 8, "section reaches"},
           {good.size() - 64 + 24, good.size() + 1, 8, "section reaches"},
       }) {
    Bytes image = good;
    Put(image, fault.at, fault.value, fault.size);
    EXPECT_NE(FoundIn(image).find(fault.reason), std::string::npos)
        << fault.reason << ": " << FoundIn(image);
  }
  EXPECT_NE(FoundIn(Bytes(good.begin(), good.begin() + 30)).find("needs"), std::string::npos);
}

}  // namespace
}  // namespace assay::measure

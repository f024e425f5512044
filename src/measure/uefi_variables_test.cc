#include "measure/uefi_variables.h"

#include <gtest/gtest.h>

#include "measure/testing.h"

namespace assay::measure {
namespace {

using tcg::kEfiGlobalVariable;
using tcg::kEfiImageSecurityDatabase;
using testing::MakeStore;
using testing::Put;
using testing::Stored;

constexpr tcg::Guid kEnableDisable =
    tcg::MakeGuid(0xf0a30bc7, 0xaf08, 0x4556, {0x99, 0xc4, 0x00, 0x10, 0x09, 0xc9, 0x3a, 0x44});

Bytes Text(std::string_view text) { return ToBytes(AsBytes(text)); }

UefiVariables Read(const std::vector<Stored>& stored) {
  return UefiVariables::FromStore(MakeStore(stored)).value();
}

std::string StoreRefusal(const Bytes& file) {
  const auto variables = UefiVariables::FromStore(file);
  return variables ? "" : variables.error().message;
}

TEST(UefiVariables, ReadsNamesVendorsAndData) {
  const auto variables = Read({{kEfiGlobalVariable, "PK", Text("owner")},
                               {kEfiImageSecurityDatabase, "db", Text("allowed")}});
  EXPECT_EQ(AsText(variables.DataOf(kEfiGlobalVariable, "PK")), "owner");
  EXPECT_EQ(AsText(variables.DataOf(kEfiImageSecurityDatabase, "db")), "allowed");
  EXPECT_TRUE(variables.DataOf(kEfiGlobalVariable, "db").empty());
}

TEST(UefiVariables, PassesOverDeletedOnes) {
  const auto variables = Read({{kEfiGlobalVariable, "PK", Text("old"), 0x3C},
                               {kEfiGlobalVariable, "KEK", Text("never finished"), 0x7F},
                               {kEfiGlobalVariable, "PK", Text("new")}});
  EXPECT_EQ(variables.all().size(), 1U);
  EXPECT_EQ(AsText(variables.DataOf(kEfiGlobalVariable, "PK")), "new");
}

TEST(UefiVariables, KeepsOneWhoseSuccessorWasNotFinished) {
  const Stored old{kEfiGlobalVariable, "PK", Text("old"), 0x3E};
  EXPECT_EQ(AsText(Read({old}).DataOf(kEfiGlobalVariable, "PK")), "old");
  const auto both = Read({old, {kEfiGlobalVariable, "PK", Text("new")}});
  EXPECT_EQ(AsText(both.DataOf(kEfiGlobalVariable, "PK")), "new");
}

TEST(UefiVariables, RefusesAVariableThatIsThereTwice) {
  const Bytes file =
      MakeStore({{kEfiGlobalVariable, "PK", Text("a")}, {kEfiGlobalVariable, "PK", Text("b")}});
  EXPECT_NE(StoreRefusal(file).find("PK is there twice"), std::string::npos);
}

TEST(UefiVariables, RefusesCorruptHeadersEachForItsReason) {
  struct Fault {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
    std::string reason;
  };
  for (const Fault& fault : std::vector<Fault>{
           {16, 0, 4, "EFI_SYSTEM_NV_DATA_FV"},
           {32, 0x100000, 8, "a volume of"},
           {40, 0, 4, "_FVH"},
           {50, 0, 2, "checksum"},
           {72, 0, 4, "authenticated"},
           {88, 0x100000, 4, "bytes in a volume"},
           {92, 0, 1, "format"},
           {93, 0, 1, "state"},
           {100, 0x1234, 2, "expected a variable"},
           {100 + 2 + 34, 0xFFFFFF, 4, "name"},
           {100 + 2 + 38, 0xFFFFFF, 4, "data"},
       }) {
    Bytes file = MakeStore({{kEfiGlobalVariable, "PK", Text("owner")}});
    Put(file, fault.at, fault.value, fault.size);
    EXPECT_NE(StoreRefusal(file).find(fault.reason), std::string::npos)
        << fault.reason << ": " << StoreRefusal(file);
  }
}

TEST(UefiVariables, RefusesEveryTruncation) {
  const Bytes file = MakeStore({{kEfiGlobalVariable, "PK", Text("owner")}});
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(UefiVariables::FromStore(View(file).first(size))) << size;
  }
}

TEST(UefiVariables, TakesFilesOfEfivarfs) {
  UefiVariables variables;
  ASSERT_TRUE(variables.AddEfivarsFile("SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                                       ByteArray<5>{std::byte{6}, {}, {}, {}, std::byte{1}}));
  EXPECT_TRUE(SecureBootEnabled(variables));
  EXPECT_FALSE(variables.AddEfivarsFile("SecureBoot", ByteArray<5>{}));
  EXPECT_FALSE(variables.AddEfivarsFile("db-d719b2cb-3d3a-4596-a3bc-dad00e67656f", ByteArray<3>{}));
  ASSERT_TRUE(variables.AddEfivarsFile("db-f0a30bc7-af08-4556-99c4-001009c93a44", ByteArray<9>{}));
  EXPECT_EQ(variables.all().size(), 1U) << "a db of another vendor is no db";
}

TEST(SecureBootEnabled, NeedsAPlatformKeyAndMayBeSwitchedOff) {
  const Stored pk{kEfiGlobalVariable, "PK", Text("owner")};
  const Stored on{kEnableDisable, "SecureBootEnable", {std::byte{1}}};
  const Stored off{kEnableDisable, "SecureBootEnable", {std::byte{0}}};
  EXPECT_TRUE(SecureBootEnabled(Read({pk})));
  EXPECT_TRUE(SecureBootEnabled(Read({pk, on})));
  EXPECT_FALSE(SecureBootEnabled(Read({pk, off})));
  EXPECT_FALSE(SecureBootEnabled(Read({on})));
}

}  // namespace
}  // namespace assay::measure

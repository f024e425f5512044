#include "witness/add_checkpoint.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay::witness {
namespace {

constexpr std::string_view kHashLine = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

bool Parses(const std::string& body) { return ParseAddCheckpoint(body).has_value(); }

TEST(AddCheckpoint, IsReadAsItWasWritten) {
  AddCheckpoint request{20'852'014, {ledger::Hash{}, ledger::EmptyRoot()}, "a\n1\nb\n\nsigned\n"};
  EXPECT_EQ(ParseAddCheckpoint(WriteAddCheckpoint(request)).value(), request);
  request.proof.clear();
  EXPECT_EQ(ParseAddCheckpoint(WriteAddCheckpoint(request)).value(), request);
}

TEST(AddCheckpoint, HasAnOldSizeInOneSpelling) {
  EXPECT_TRUE(Parses("old 0\n\nnote"));
  for (const char* line : {"", "old", "old ", "old 01", "old -1", "old +1", "old 1 ", "old  1",
                           "Old 1", "1", "old 18446744073709551616", " old 1", "old 1\r"}) {
    EXPECT_FALSE(Parses(std::string(line) + "\n\nnote")) << line;
  }
}

TEST(AddCheckpoint, HasHashesInItsProof) {
  EXPECT_TRUE(Parses("old 1\n" + std::string(kHashLine) + "\nnote"));
  for (const char* line : {"AAAA", "*", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(Parses("old 1\n" + std::string(line) + "\n\nnote")) << line;
  }
}

TEST(AddCheckpoint, EndsItsProofWithAnEmptyLine) {
  EXPECT_FALSE(Parses(""));
  EXPECT_FALSE(Parses("old 1"));
  EXPECT_FALSE(Parses("old 1\n"));
  EXPECT_FALSE(Parses("old 1\n" + std::string(kHashLine)));
}

TEST(AddCheckpoint, HasNoMoreProofThanTheSpecificationAllows) {
  std::string body = "old 1\n";
  for (std::size_t i = 0; i < limits::kWitnessProofLines; ++i) body += kHashLine;
  EXPECT_TRUE(Parses(body + "\nnote"));
  EXPECT_FALSE(Parses(body + std::string(kHashLine) + "\nnote"));
}

TEST(AddCheckpoint, IsOfBoundedSize) {
  const std::string head = "old 1\n\n";
  EXPECT_TRUE(Parses(head + std::string(limits::kWitnessRequestBytes - head.size(), 'x')));
  EXPECT_FALSE(Parses(head + std::string(limits::kWitnessRequestBytes - head.size() + 1, 'x')));
}

}  // namespace
}  // namespace assay::witness

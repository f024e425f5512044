// Every case of the published suite of Merkle proofs (transparency-dev/merkle): those that hold and
// those that must not.
#include "base/encoding.h"
#include "base/json.h"
#include "ledger/merkle.h"
#include "policy/samples.h"

namespace assay::ledger {
namespace {

// Nothing for what is no SHA-256 hash: the suite has such roots and leaves, all of them refused.
std::optional<Hash> HashOf(std::string_view base64) {
  const auto bytes = Base64Decode(base64);
  Hash out{};
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

std::optional<Hash> HashOf(const json::Value& test, std::string_view name) {
  return HashOf(test.String(name, "case").value());
}

std::optional<std::vector<Hash>> ProofOf(const json::Value& test) {
  std::vector<Hash> out;
  const json::Value* proof = test.Find("proof");
  if (proof == nullptr || proof->AsArray() == nullptr) return out;  // null: an empty one
  for (const json::Value& one : *proof->AsArray()) {
    const auto hash = HashOf(*one.AsString());
    if (!hash) return std::nullopt;
    out.push_back(*hash);
  }
  return out;
}

std::optional<std::uint64_t> NumberOf(const json::Value& test, std::string_view name) {
  const json::Value* value = test.Find(name);
  if (value == nullptr) return std::nullopt;
  if (const std::int64_t* small = value->AsInt()) {
    return *small < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*small));
  }
  // Beyond int64 the door keeps the digits.
  const std::string* text = value->AsString();
  return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(*text));
}

bool InclusionHolds(const json::Value& test) {
  const auto index = NumberOf(test, "leafIdx");
  const auto size = NumberOf(test, "treeSize");
  const auto root = HashOf(test, "root");
  const auto leaf = HashOf(test, "leafHash");
  const auto proof = ProofOf(test);
  return index && size && root && leaf && proof &&
         VerifyInclusion(*index, *size, *leaf, *proof, *root);
}

// The suite's roots of trees of equal size may be any bytes: what counts is that they are the same.
bool ConsistencyHolds(const json::Value& test) {
  const auto first = NumberOf(test, "size1");
  const auto second = NumberOf(test, "size2");
  const auto proof = ProofOf(test);
  if (!first || !second || !proof) return false;
  const auto padded = [&test](std::string_view name) {
    Bytes bytes = Base64Decode(test.String(name, "case").value()).value_or(Bytes());
    Hash out{};
    EXPECT_LE(bytes.size(), out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  };
  return VerifyConsistency(*first, *second, padded("root1"), padded("root2"), *proof);
}

void RunFolder(const std::filesystem::path& folder, bool (*holds)(const json::Value&), int& good,
               int& bad) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const auto test = json::Parse(ReadText(entry.path()));
    ASSERT_TRUE(test) << entry.path() << ": " << test.error().message;
    const json::Value* wrong = test->Find("wantErr");
    ASSERT_TRUE(wrong != nullptr && wrong->AsBool() != nullptr) << entry.path();
    EXPECT_NE(holds(*test), *wrong->AsBool()) << entry.path();
    ++(*wrong->AsBool() ? bad : good);
  }
}

TEST(MerkleSuite, JudgesEveryCaseAsItSays) {
  const auto folder = Suites() / "merkle";
  ASSAY_SKIP_WITHOUT(folder);
  int good = 0;
  int bad = 0;
  RunFolder(folder / "inclusion", InclusionHolds, good, bad);
  RunFolder(folder / "consistency", ConsistencyHolds, good, bad);
  std::printf("Merkle suite: %d proofs hold, %d are refused\n", good, bad);
  EXPECT_GE(good, 12);
  EXPECT_GE(bad, 184);
}

}  // namespace
}  // namespace assay::ledger

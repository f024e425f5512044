// Every case of every file of the official JMESPath compliance suite (jmespath/jmespath.test).
#include <cmath>

#include "base/json.h"
#include "policy/jmespath/budget.h"
#include "policy/jmespath/jmespath.h"
#include "policy/jmespath/value.h"
#include "policy/samples.h"

namespace assay::jmespath {
namespace {

struct Tally {
  int passed = 0;
  int failed = 0;
};

// Empty when the case behaves as the suite says.
std::string Complaint(const json::Value& given, const json::Value& test) {
  const std::string query = test.String("expression", "case").value();
  const auto compiled = Query::Compile(query);
  const auto found = compiled ? compiled->Search(given) : tl::unexpected(compiled.error());
  if (const json::Value* error = test.Find("error")) {
    if (found) return "gives " + json::Write(*found) + " instead of an error";
    const std::string wanted = "JMESPath: " + *error->AsString() + ":";
    return found.error().message.starts_with(wanted) ? "" : found.error().message;
  }
  if (!found) return found.error().message;
  const json::Value* result = test.Find("result");
  if (result == nullptr) return "";  // a benchmark: it only has to end
  Budget budget;
  const bool equal = DeepEqual(Value::From(*found), Value::From(*result), budget);
  return equal ? "" : "gives " + json::Write(*found) + " instead of " + json::Write(*result);
}

void RunFile(const std::filesystem::path& path, Tally& tally) {
  const auto groups = json::Parse(ReadText(path));
  ASSERT_TRUE(groups) << path << ": " << groups.error().message;
  for (const json::Value& group : *groups->AsArray()) {
    for (const json::Value& test : **group.List("cases", "group")) {
      const std::string complaint = Complaint(*group.Find("given"), test);
      ++(complaint.empty() ? tally.passed : tally.failed);
      EXPECT_TRUE(complaint.empty())
          << path.filename() << ": " << json::Write(test) << "\n  " << complaint;
    }
  }
}

TEST(JmesPathSuite, PassesEveryCase) {
  const auto folder = Suites() / "jmespath";
  ASSAY_SKIP_WITHOUT(folder);
  Tally tally;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") RunFile(entry.path(), tally);
  }
  std::printf("JMESPath suite: %d cases passed, %d failed\n", tally.passed, tally.failed);
  EXPECT_GE(tally.passed, 900);
  EXPECT_EQ(tally.failed, 0);
}

}  // namespace
}  // namespace assay::jmespath

#include "agent/program.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace assay::agent {
namespace {

TEST(Program, ReadsWhatItIsGivenToItsEnd) {
  const Bytes input = ToBytes(AsBytes(std::string_view("a\nb\0c\n", 6)));
  const auto end = RunProgram({"cat"}, View(input));
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->code, 0);
  EXPECT_EQ(end->output, AsText(input));
}

TEST(Program, SaysHowItEnded) {
  EXPECT_EQ(RunProgram({"sh", "-c", "exit 7"}, View())->code, 7);
  EXPECT_EQ(RunProgram({"sh", "-c", "kill -9 $$"}, View())->code, 137);
}

TEST(Program, IsRefusedWhenItPrintsWithoutEnd) {
  const std::string count = std::to_string(limits::kAgentProgramOutput + 1);
  EXPECT_FALSE(RunProgram({"head", "-c", count, "/dev/zero"}, View()));
}

TEST(Program, ThatIsMissingIsNamed) {
  const auto end = RunProgram({"no-such-program"}, View());
  ASSERT_FALSE(end);
  EXPECT_NE(end.error().message.find("no-such-program"), std::string::npos);
}

}  // namespace
}  // namespace assay::agent

#include "agent/handover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

TEST(SealedFile, HoldsTheTokenAtItsBegin) {
  const int descriptor = SealedFile(AsBytes("a.token.here")).value();
  char text[32];
  EXPECT_EQ(::read(descriptor, text, sizeof text), 12);
  EXPECT_EQ(std::string_view(text, 12), "a.token.here");
  ::close(descriptor);
}

TEST(SealedFile, CannotBeChanged) {
  const int descriptor = SealedFile(AsBytes("a.token.here")).value();
  EXPECT_EQ(::pwrite(descriptor, "b", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(descriptor, 0), -1);
  EXPECT_EQ(::ftruncate(descriptor, 100), -1);
  EXPECT_EQ(::fcntl(descriptor, F_ADD_SEALS, 0), -1);
  ::close(descriptor);
}

TEST(SealedFile, IsInheritedByTheProgram) {
  const int descriptor = SealedFile(AsBytes("x")).value();
  EXPECT_EQ(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
  ::close(descriptor);
}

TEST(Execute, SaysWhichProgramIsMissing) {
  const Error error = Execute({"/no/such/program"}, {});
  EXPECT_EQ(error.message, "cannot run /no/such/program: No such file or directory");
}

TEST(Execute, PutsNoZeroByteIntoAnEnvironment) {
  const Bytes secret(32);
  const Error error = Execute({"/bin/true"}, {{"S", secret, Handover::kEnvironment}});
  EXPECT_NE(error.message.find("zero byte"), std::string::npos);
}

}  // namespace
}  // namespace assay::agent

#include "measure/release.h"

#include <gtest/gtest.h>

namespace assay::measure {
namespace {

Release SampleRelease() {
  Release out;
  out.name = "web-1";
  out.pcrs[HashAlgorithm::kSha256][4] = Bytes(32, std::byte{0xAB});
  out.learn = {0, 1, 14};
  return out;
}

TEST(Release, IsWrittenAsTheMonitorReadsIt) {
  Release release = SampleRelease();
  release.ima["/opt/app"] = Sha256Digest{};
  release.valid_from = FromUnixSeconds(0);
  release.valid_until = FromUnixSeconds(1);
  release.successor = "web-2";
  EXPECT_EQ(json::Write(ReleaseJson(release).value()),
            "{\"release\":\"web-1\",\"pcrs\":{\"sha256\":{\"4\":[\""
            "abababababababababababababababababababababababababababababababab\"]}},"
            "\"learn\":[0,1,14],\"ima\":{\"/opt/app\":[\"sha256:"
            "0000000000000000000000000000000000000000000000000000000000000000\"]},"
            "\"valid_from\":\"1970-01-01T00:00:00Z\",\"valid_until\":\"1970-01-01T00:00:01Z\","
            "\"successor\":\"web-2\"}");
}

TEST(Release, RefusesWhatCouldNotHold) {
  Release nameless = SampleRelease();
  nameless.name.clear();
  EXPECT_FALSE(ReleaseJson(nameless));
  Release empty = SampleRelease();
  empty.pcrs.clear();
  EXPECT_FALSE(ReleaseJson(empty));
  Release backwards = SampleRelease();
  backwards.valid_from = FromUnixSeconds(2);
  backwards.valid_until = FromUnixSeconds(1);
  EXPECT_FALSE(ReleaseJson(backwards));
  Release circular = SampleRelease();
  circular.successor = circular.name;
  EXPECT_FALSE(ReleaseJson(circular));
  Release both = SampleRelease();
  both.learn.push_back(4);
  EXPECT_FALSE(ReleaseJson(both));
}

}  // namespace
}  // namespace assay::measure

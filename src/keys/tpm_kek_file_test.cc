#include "keys/tpm_kek_file.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace assay::keys {
namespace {

const std::string kTpmKekId(32, 'a');

std::string ReplacedIn(std::string text, const std::string& old, const std::string& fresh) {
  EXPECT_NE(text.find(old), std::string::npos) << old;
  return text.replace(text.find(old), old.size(), fresh);
}

TEST(TpmKekFile, APcrListIsAscendingAndNamesPcrsThatThereAre) {
  EXPECT_EQ(ParsePcrList("7").value(), std::vector<std::uint32_t>{7});
  EXPECT_EQ(ParsePcrList("0,7,23").value(), (std::vector<std::uint32_t>{0, 7, 23}));
  for (const auto* const bad : {"", ",", "7,", "7,7", "11,7", "24", "-1", "7 ", "x", "7,,11"}) {
    EXPECT_FALSE(ParsePcrList(bad)) << bad;
  }
}

TEST(TpmKekFile, IsReadAsItWasWrittenAndRefusedOtherwise) {
  TpmKekFile file;
  file.pcrs = {{7, Bytes(32, std::byte{1})}, {11, Bytes(32)}};
  file.sealed = {Bytes(3, std::byte{2}), Bytes(4, std::byte{3})};
  const std::string text = WriteTpmKek(kTpmKekId, file);
  const auto read = ParseTpmKek(AsBytes(text), kTpmKekId);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->pcrs, file.pcrs);
  EXPECT_EQ(read->sealed.public_area, file.sealed.public_area);
  EXPECT_EQ(read->sealed.private_area, file.sealed.private_area);
  EXPECT_FALSE(ParseTpmKek(AsBytes(text), std::string(32, 'b')));
  for (const auto& [old, fresh] :
       std::vector<std::pair<std::string, std::string>>{{R"("version":1)", R"("version":2)"},
                                                        {R"("7":")", R"("24":")"},
                                                        {R"("7":"01)", R"("7":")"},
                                                        {R"("pcrs":{)", R"("pcrs":7,"else":{)"},
                                                        {R"("public":")", R"("public":"*)"},
                                                        {R"("private")", R"("nothing")"}}) {
    EXPECT_FALSE(ParseTpmKek(AsBytes(ReplacedIn(text, old, fresh)), kTpmKekId)) << fresh;
  }
}

}  // namespace
}  // namespace assay::keys

#include "monitor/judgement.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace assay::monitor {
namespace {

std::string Value(char digit) { return std::string(64, digit); }

Bytes Digest(char digit) { return HexDecode(Value(digit)).value(); }

// Evidence that verified, with those PCRs.
Observation Good(json::Object pcrs, std::int64_t second = 100) {
  Observation out;
  out.at = FromUnixSeconds(second);
  out.evidence_sha256 = Value('e');
  out.event_log_sha256 = Value('1');
  out.claims = {{"pcr_bank", "sha256"},
                {"pcrs", std::move(pcrs)},
                {"tpm_reset_count", 7},
                {"ima_entries_quoted", 5}};
  return out;
}

Machine Approved() {
  Machine out;
  out.id = "00112233445566778899aabbccddeeff";
  out.state = MachineState::kApproved;
  return out;
}

Release ReleaseWith(std::string_view text) { return ReleaseFromJson(text).value(); }

Release Web1() {
  return ReleaseWith(R"({"release": "web-1", "successor": "web-2", "learn": [0],
      "pcrs": {"sha256": {"4": [")" +
                     Value('4') + R"("], "8": [")" + Value('8') + R"("]}}})");
}

Release Web2() {
  return ReleaseWith(R"({"release": "web-2", "learn": [0],
      "pcrs": {"sha256": {"4": [")" +
                     Value('5') + R"("], "8": [")" + Value('8') + R"("]}}})");
}

const json::Object kWeb1Pcrs = {
    {"0", Value('0')}, {"4", Value('4')}, {"8", Value('8')}, {"10", Value('a')}};
const json::Object kWeb2Pcrs = {
    {"0", Value('0')}, {"4", Value('5')}, {"8", Value('8')}, {"10", Value('a')}};

TEST(Judgement, FirstGoodEvidenceMakesItTrustedAndIsLearned) {
  const Judgement out = Judge(Approved(), Good(kWeb1Pcrs), {});
  EXPECT_TRUE(out.trusted);
  EXPECT_EQ(out.after.state, MachineState::kTrusted);
  EXPECT_EQ(out.after.baseline.size(), 3U);  // not PCR 10
  EXPECT_EQ(out.after.last.ima_entries, 5U);
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events[0].text, "first evidence");
}

TEST(Judgement, WithoutAReleaseWhatWasLearnedMustStay) {
  const Machine known = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  EXPECT_TRUE(Judge(known, Good(kWeb1Pcrs), {}).trusted);
  const Judgement out = Judge(known, Good(kWeb2Pcrs), {});
  EXPECT_FALSE(out.trusted);
  EXPECT_EQ(out.after.state, MachineState::kDrifted);
  ASSERT_EQ(out.after.drift.size(), 1U);
  EXPECT_EQ(out.after.drift[0].what, "PCR 4");
  EXPECT_EQ(out.after.drift[0].expected, Value('4'));
  EXPECT_EQ(out.after.drift[0].found, Value('5'));
}

TEST(Judgement, ThePcrOfImaMayGrow) {
  const Machine known = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  json::Object grown = kWeb1Pcrs;
  grown[3].second = Value('b');
  EXPECT_TRUE(Judge(known, Good(grown), {}).trusted);
}

TEST(Judgement, APcrThatIsNoLongerQuotedIsADifference) {
  const Machine known = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  json::Object less = kWeb1Pcrs;
  less.erase(less.begin());
  const Judgement out = Judge(known, Good(less), {});
  ASSERT_EQ(out.after.drift.size(), 1U);
  EXPECT_EQ(out.after.drift[0].found, "not quoted");
}

TEST(Judgement, FailedChecksAreDriftAndDoNotMoveTheLastSighting) {
  const Machine known = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  Observation bad = Good(kWeb1Pcrs, 200);
  bad.failed = {{"event_log.digests", "data that belongs to its digest", "event 5 does not", {}}};
  const Judgement out = Judge(known, bad, {});
  EXPECT_FALSE(out.trusted);
  EXPECT_EQ(out.after.state, MachineState::kDrifted);
  EXPECT_EQ(out.after.last.at, known.last.at);
  EXPECT_EQ(out.after.last.ima_entries, known.last.ima_entries);
}

TEST(Judgement, GoodEvidenceEndsDrift) {
  Machine machine = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  machine = Judge(machine, Good(kWeb2Pcrs), {}).after;
  const Judgement out = Judge(machine, Good(kWeb1Pcrs), {});
  EXPECT_TRUE(out.trusted);
  EXPECT_TRUE(out.after.drift.empty());
  EXPECT_EQ(out.events.back().what, "trusted");
}

TEST(Judgement, TheSameDriftIsToldOnce) {
  Machine machine = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  const Judgement first = Judge(machine, Good(kWeb2Pcrs), {});
  EXPECT_EQ(first.events.size(), 1U);
  EXPECT_EQ(Judge(first.after, Good(kWeb2Pcrs), {}).events.size(), 0U);
}

TEST(Judgement, ARebootIsNoted) {
  const Machine known = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  Observation again = Good(kWeb1Pcrs);
  again.claims[2].second = 8;
  const Judgement out = Judge(known, again, {});
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(out.events[0].what, "rebooted");
}

TEST(Judgement, AReleaseHoldsItsValuesAndLearnsTheRest) {
  const Release release = Web1();
  Machine machine = Approved();
  machine.release = "web-1";
  const Judgement out = Judge(machine, Good(kWeb1Pcrs), {&release, nullptr});
  EXPECT_TRUE(out.trusted);
  EXPECT_EQ(out.after.baseline, (tcg::PcrValues{{0, Digest('0')}}));
  EXPECT_FALSE(Judge(machine, Good(kWeb2Pcrs), {&release, nullptr}).trusted);
}

TEST(Judgement, AMachineMovesToTheSuccessorAndNotBack) {
  const Release one = Web1();
  const Release two = Web2();
  Machine machine = Approved();
  machine.release = "web-1";
  machine = Judge(machine, Good(kWeb1Pcrs), {&one, &two}).after;
  const Judgement moved = Judge(machine, Good(kWeb2Pcrs), {&one, &two});
  EXPECT_TRUE(moved.trusted);
  EXPECT_TRUE(moved.moved);
  EXPECT_EQ(moved.after.release, "web-2");
  EXPECT_EQ(moved.events[0].what, "moved");
  const Judgement back = Judge(moved.after, Good(kWeb1Pcrs), {&two, nullptr});
  EXPECT_FALSE(back.trusted);
  EXPECT_EQ(back.after.release, "web-2");
}

TEST(Judgement, AReleaseIsValidFromItsBeginToItsEnd) {
  Release release = Web1();
  release.valid_from = FromUnixSeconds(100);
  release.valid_until = FromUnixSeconds(200);
  Machine machine = Approved();
  machine.release = "web-1";
  for (const auto& [second, good] :
       std::map<int, bool>{{99, false}, {100, true}, {200, true}, {201, false}}) {
    EXPECT_EQ(Judge(machine, Good(kWeb1Pcrs, second), {&release, nullptr}).trusted, good) << second;
  }
}

TEST(Judgement, AReleaseMayPinNothingAndLearnAll) {
  const Release release = ReleaseWith(R"({"release": "web-1", "pcrs": {"sha256": {}}})");
  EXPECT_EQ(json::Write(ReleaseJson(release)),
            json::Write(ReleaseJson(ReleaseWith(json::Write(ReleaseJson(release))))));
  Machine machine = Approved();
  machine.release = "web-1";
  machine = Judge(machine, Good(kWeb1Pcrs), {&release, nullptr}).after;
  EXPECT_EQ(machine.state, MachineState::kTrusted);
  EXPECT_FALSE(Judge(machine, Good(kWeb2Pcrs), {&release, nullptr}).trusted);
}

TEST(Judgement, ABankWithoutValuesIsADifference) {
  const Release release = ReleaseWith(R"({"release": "web-1", "pcrs": {"sha384": {"4": [")" +
                                      std::string(96, '4') + R"("]}}})");
  Machine machine = Approved();
  machine.release = "web-1";
  const Judgement out = Judge(machine, Good(kWeb1Pcrs), {&release, nullptr});
  ASSERT_FALSE(out.after.drift.empty());
  EXPECT_EQ(out.after.drift[0].what, "PCR bank");
}

// Files.
tpm::ImaEntry File(std::string_view path, const Bytes& digest, bool violation = false) {
  tpm::ImaEntry out;
  out.pcr = tpm::kImaPcr;
  out.name = "ima-ng";
  out.path = path;
  out.digest_algorithm = "sha256";
  out.digest = digest;
  out.violation = violation;
  return out;
}

TEST(Judgement, AReleaseThatListsFilesRefusesEvidenceWithoutTheirList) {
  Release release = Web1();
  Machine machine = Approved();
  machine.release = "web-1";
  Observation silent = Good(kWeb1Pcrs);
  std::erase_if(silent.claims,
                [](const json::Member& one) { return one.first == "ima_entries_quoted"; });
  EXPECT_TRUE(Judge(machine, silent, {&release, nullptr}).trusted);
  release.files.emplace();
  const Judgement out = Judge(machine, silent, {&release, nullptr});
  EXPECT_FALSE(out.trusted);
  ASSERT_EQ(out.after.drift.size(), 1U);
  EXPECT_EQ(out.after.drift[0].what, "IMA list");
}

TEST(Judgement, APcrThatIsToBeLearnedMustBeQuoted) {
  Release release = Web1();
  release.learn = {0, 14};
  Machine machine = Approved();
  machine.release = "web-1";
  const Judgement out = Judge(machine, Good(kWeb1Pcrs), {&release, nullptr});
  ASSERT_EQ(out.after.drift.size(), 1U);
  EXPECT_EQ(out.after.drift[0].what, "PCR 14");
}

class Files : public testing::Test {
 protected:
  Files() {
    release_.files.emplace();
    (*release_.files)["/opt/app"] = {"sha256:" + Value('a')};
    release_.files_except = {"/var/log/"};
    machine_.release = "web-1";
  }
  std::string Found(std::vector<tpm::ImaEntry> entries) {
    Observation seen = Good(kWeb1Pcrs);
    seen.files = std::move(entries);
    const Judgement out = Judge(machine_, seen, {&release_, nullptr});
    std::string text;
    for (const Drift& one : out.after.drift) text += one.what + "=" + one.found.substr(0, 9) + ";";
    return text;
  }
  Release release_ = Web1();
  Machine machine_ = Approved();
  const Bytes good_ = Digest('a'), other_ = Digest('b');
};

TEST_F(Files, ThatAreListedAreGood) { EXPECT_EQ(Found({File("/opt/app", good_)}), ""); }
TEST_F(Files, WithAnotherDigestAreDrift) {
  EXPECT_EQ(Found({File("/opt/app", good_), File("/opt/app", other_)}), "/opt/app=sha256:bb;");
}
TEST_F(Files, ThatAreNotListedAreDrift) {
  EXPECT_EQ(Found({File("/opt/more", good_)}), "/opt/more=sha256:aa;");
}
TEST_F(Files, BelowAnExceptedFolderDoNotCount) {
  EXPECT_EQ(Found({File("/var/log/x", other_), File("/var/logs", other_)}), "/var/logs=sha256:bb;");
}
TEST_F(Files, OpenForWritingAreDrift) {
  EXPECT_EQ(Found({File("/opt/app", good_, true)}), "/opt/app=open for ;");
}
TEST_F(Files, TheAggregateOfTheBootIsNoFile) {
  EXPECT_EQ(Found({File("boot_aggregate", other_)}), "");
}

TEST(Machine, SurvivesTheStore) {
  Machine machine = Judge(Approved(), Good(kWeb1Pcrs), {}).after;
  machine = Judge(machine, Good(kWeb2Pcrs), {}).after;
  machine.warnings = {"trusted on first use"};
  const std::string text = json::Write(MachineJson(machine));
  const auto read = MachineFromJson(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(json::Write(MachineJson(*read)), text);
}

TEST(Release, IsReadStrictly) {
  const std::string good = json::Write(ReleaseJson(Web1()));
  EXPECT_EQ(json::Write(ReleaseJson(ReleaseFromJson(good).value())), good);
  for (const char* bad : {
           "[]",
           R"({"release": "a"})",
           R"({"release": "a b", "pcrs": {"sha256": {}}})",
           R"({"release": "a", "pcrs": {"sha256": {"4": ["00"]}}})",
           R"({"release": "a", "pcrs": {"sha256": {"24": []}}})",
           R"({"release": "a", "pcrs": {"md5": {}}})",
           R"({"release": "a", "pcrs": {"sha256": {}}, "imaa": {}})",
           R"({"release": "a", "pcrs": {"sha256": {}}, "successor": "a"})",
           R"({"release": "a", "pcrs": {"sha256": {}}, "ima": {"/x": ["00"]}})",
           R"({"release": "a", "pcrs": {"sha256": {}}, "ima_except": ["var/"]})",
       }) {
    EXPECT_FALSE(ReleaseFromJson(bad)) << bad;
  }
}

}  // namespace
}  // namespace assay::monitor

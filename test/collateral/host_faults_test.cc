// Each way in which a vendor's host can fail, with what the verdict then says.
#include "collateral/by_need.h"
#include "crypto/certificate_builder.h"

namespace assay::testing {
namespace {

class HostFaults : public ::testing::Test {
 protected:
  Verdict JudgeWith(HostFault fault, FetchOptions options = QuickFetch()) {
    host_.SetFault("/tcb?", fault);
    Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true,
                    std::move(options));
    return Judge(simulation_, station.source);
  }
  // That TCB info is missing, for this reason, and nothing else.
  void ExpectMissing(const Verdict& verdict, const std::string& why) {
    const std::string failures = Failures(verdict);
    const std::string url = host_.url() + "/sgx/certification/v4/tcb?fmspc=50806f000000: ";
    EXPECT_EQ(failures.find("tcb_info.present: none in the collateral; GET " + url), 0U)
        << failures;
    EXPECT_NE(failures.find(why), std::string::npos) << failures;
  }

  const simulate::Simulation simulation_ = simulate::Simulate("sgx", "").value();
  StandIn host_{simulation_};
  Folder folder_;
};

TEST_F(HostFaults, SlowHostTimesOut) {
  FetchOptions options = QuickFetch();
  options.http.total_timeout = std::chrono::milliseconds(100);
  ExpectMissing(JudgeWith(HostFault::kSlow, options), "timed out after 0.1 s");
}

TEST_F(HostFaults, ThrottlingHostIsNotAskedAgainBeforeItsTime) {
  host_.SetFault("/", HostFault::kThrottled);
  const std::string failures = Failures(JudgeWith(HostFault::kThrottled));
  EXPECT_NE(failures.find("found 429; the host asks to wait 3600 s"), std::string::npos)
      << failures;
  EXPECT_NE(failures.find("qe_identity.present: none in the collateral; GET " + host_.url()),
            std::string::npos);
  EXPECT_NE(failures.find(" is not asked before "), std::string::npos) << failures;
  EXPECT_EQ(host_.asked().size(), 1U) << "what it said holds for all of the host";
}

TEST_F(HostFaults, ServerErrorIsRetriedAndThenNamed) {
  ExpectMissing(JudgeWith(HostFault::kServerError), "expected status 200, found 500");
  EXPECT_EQ(host_.count("/tcb?"), 2U);
}

TEST_F(HostFaults, TruncatedAnswerIsNone) {
  ExpectMissing(JudgeWith(HostFault::kTruncated), "");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/intel/sgx/50806f000000"));
}

TEST_F(HostFaults, RedirectIsNotFollowed) {
  ExpectMissing(JudgeWith(HostFault::kRedirect), "found 302 (redirects are not followed)");
}

TEST_F(HostFaults, HugeAnswerIsCutOff) {
  ExpectMissing(JudgeWith(HostFault::kHuge), "the answer is larger than 4194304 bytes");
}

TEST_F(HostFaults, PortalPageIsNotTakenForCollateral) {
  ExpectMissing(JudgeWith(HostFault::kWrongContent), "");
}

TEST_F(HostFaults, RefusedConnectionIsNamed) {
  Station station(folder_.path(), HostsAt("http://127.0.0.1:1"), simulation_.roots, true);
  const std::string failures = Failures(Judge(simulation_, station.source));
  for (const char* check :
       {"root_crl.present", "pck_crl.present", "tcb_info.present", "qe_identity.present"}) {
    EXPECT_NE(failures.find(check), std::string::npos) << failures;
  }
  EXPECT_NE(failures.find("GET http://127.0.0.1:1/sgx/certification/v4/tcb?fmspc=50806f000000: "),
            std::string::npos)
      << failures;
}

TEST_F(HostFaults, OtherPlatformsDocumentIsRefused) {
  const auto other = simulate::Simulate("sgx", "tcb_info.fmspc").value();
  host_.Serve("/sgx/certification/v4/tcb?fmspc=50806f000000",
              other.files.at("collateral/tcb_info.json"));
  ExpectMissing(JudgeWith(HostFault::kNone),
                "expected SGX FMSPC 50806f000000, found SGX FMSPC 00906ed50000");
}

TEST_F(HostFaults, ImpostorsDocumentIsRefusedAndDoesNotEnterTheStore) {
  const auto other = simulate::Simulate("sgx", "").value();  // under another throw-away root
  const StandIn impostor(other);
  Station station(folder_.path(), HostsAt(impostor.url()), simulation_.roots, true);
  const std::string failures = Failures(Judge(simulation_, station.source));
  EXPECT_NE(failures.find("expected a signature under a root this verifier trusts"),
            std::string::npos)
      << failures;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/intel/sgx"));
}

TEST_F(HostFaults, WrongSignerOfTheRootsListIsRefusedByItsCheck) {
  const auto other = simulate::Simulate("sgx", "root_crl.signature").value();
  host_.Serve("/IntelSGXRootCA.der", other.files.at("collateral/root_ca.crl"));
  EXPECT_EQ(Failures(JudgeWith(HostFault::kNone)), "root_crl.signature: it is not\n");
}

TEST_F(HostFaults, StaleDocumentIsRefusedByNameAndSaysThatNothingNewerIsThere) {
  const auto old = simulate::Simulate("sgx", "tcb_info.dates").value();
  StandIn host(old);
  Folder folder;
  Station station(folder.path(), HostsAt(host.url()), old.roots, true);
  const std::string failures = Failures(Judge(old, station.source));
  EXPECT_EQ(failures.find("tcb_info.dates: 2025-06-20T12:00:00Z; GET "), 0U) << failures;
  EXPECT_NE(failures.find("the host has nothing newer than what ended at 2025-06-20T11:59:59Z"),
            std::string::npos);
}

TEST_F(HostFaults, OlderAnswerDoesNotDisplaceTheOneAtHand) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  const auto older = simulate::Simulate("sgx", "root_crl.dates").value();
  host_.Serve("/IntelSGXRootCA.der", older.files.at("collateral/root_ca.crl"));
  EXPECT_TRUE(Judge(simulation_, station.source, simulation_.at + std::chrono::hours(25)).trusted);
  EXPECT_EQ(host_.count("/IntelSGXRootCA.der"), 2U);
  EXPECT_EQ(station.store.Load("intel/root_crl.der").value().body,
            simulation_.files.at("collateral/root_ca.crl"));
}

TEST_F(HostFaults, HostThatIsAwayDoesNotMatterUntilTheCollateralEnds) {
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  host_.SetFault("/", HostFault::kServerError);
  const Time last_day = simulation_.at + std::chrono::days(14);
  EXPECT_TRUE(Judge(simulation_, station.source, last_day).trusted);
  const Time after = simulation_.at + std::chrono::days(16);  // the identity had 15
  const std::string failures = Failures(Judge(simulation_, station.source, after));
  EXPECT_EQ(failures.find("qe_identity.dates: "), 0U) << failures;
  EXPECT_NE(failures.find("; GET "), std::string::npos) << failures;
}

TEST_F(HostFaults, CorruptedFileIsFetchedAnewAndNeverUsed) {
  {
    Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
    ASSERT_TRUE(Judge(simulation_, station.source).trusted);
  }
  const std::string path = folder_.path() + "/intel/sgx/50806f000000/tcb_info.json";
  std::filesystem::resize_file(path, 100);
  Station offline(folder_.path(), HostsAt(host_.url()), simulation_.roots, false);
  const std::string failures = Failures(Judge(simulation_, offline.source));
  EXPECT_NE(failures.find("is not as it was stored (the digests differ)"), std::string::npos)
      << failures;
  Station online(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  EXPECT_TRUE(Judge(simulation_, online.source).trusted);
  EXPECT_EQ(host_.count("/tcb?"), 2U);
  EXPECT_GT(std::filesystem::file_size(path), 100U);
}

// A list in the root's name that another key signed, with a later end than any that is right.
Bytes ForgedRootCrl(const simulate::Simulation& simulation) {
  CrlSpec spec;
  spec.this_update = simulation.at;
  spec.next_update = simulation.at + std::chrono::hours(24 * 3650);
  const VendorKey rogue = VendorKey::Generate(VendorKeyType::kP256).value();
  const auto root = CertificatesFromPem(AsText(simulation.files.at("root.pem"))).value().front();
  return BuildCrl(spec, *root, rogue).value();
}

TEST_F(HostFaults, ForgedListIsNotKeptAndTheRightOneTakesItsPlace) {
  const Bytes right = simulation_.files.at("collateral/root_ca.crl");
  host_.Serve("/IntelSGXRootCA.der", ForgedRootCrl(simulation_));
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true);
  const Verdict refused = Judge(simulation_, station.source);
  EXPECT_FALSE(refused.trusted);
  EXPECT_NE(Failures(refused).find("root_crl.signature"), std::string::npos) << Failures(refused);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/intel/root_crl.der"));
  host_.Serve("/IntelSGXRootCA.der", right);
  const Verdict healed = Judge(simulation_, station.source);
  EXPECT_TRUE(healed.trusted) << Failures(healed);
}

TEST_F(HostFaults, FailureIsRememberedSoThatMadeUpNamesDoNotHammerTheHost) {
  Time clock = simulation_.at;
  FetchOptions options = QuickFetch();
  options.clock = [&clock] { return clock; };
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, options);
  const IntelNeed made_up{"123456789abc", "platform", false};
  for (int i = 0; i < 20; ++i) station.source.Gather(made_up, simulation_.at);
  EXPECT_EQ(host_.count("fmspc=123456789abc"), 1U);
  clock += std::chrono::seconds(61);
  station.source.Gather(made_up, simulation_.at);
  EXPECT_EQ(host_.count("fmspc=123456789abc"), 2U);
}

TEST_F(HostFaults, NoHostIsAskedMoreOftenThanTheLimitWhateverIsMadeUp) {
  FetchOptions options = QuickFetch();
  options.clock = [at = simulation_.at] { return at; };
  Station station(folder_.path(), HostsAt(host_.url()), simulation_.roots, true, options);
  for (std::size_t i = 0; i < 2 * limits::kHostRequestsPerMinute; ++i) {
    AmdNeed need{{"Milan"}, Bytes(64, std::byte{1}), {}, false, false};
    need.chip_id[0] = static_cast<std::byte>(i);
    need.chip_id[1] = static_cast<std::byte>(i >> 8U);
    station.source.Gather(need, simulation_.at);
  }
  EXPECT_EQ(host_.count("/vcek/"), limits::kHostRequestsPerMinute);
}

TEST(UnknownProduct, MilanIsTriedAndThenGenoaAndNextTimeGenoaAtOnce) {
  const simulate::Simulation simulation = simulate::Simulate("snp", "").value();
  StandIn host(simulation);
  Folder folder;
  AmdNeed need{{"Genoa", "Milan"}, {}, {4, 1, 24, 219, std::nullopt}, false, false};
  need.chip_id = ToBytes(View(simulation.evidence).subspan(0x1A0, 64));
  for (int i = 0; i < 2; ++i) {
    Station station(folder.path(), HostsAt(host.url()), simulation.roots, true);
    const auto collateral = station.source.Gather(need, simulation.at);
    EXPECT_EQ(collateral->certificates.size(), 3U);
    EXPECT_TRUE(collateral->missing.empty());
  }
  EXPECT_EQ(host.count("/vcek/v1/Genoa/"), 1U) << "404, and not asked again";
  EXPECT_EQ(host.count("/vcek/v1/Milan/"), 3U);
}

}  // namespace
}  // namespace assay::testing

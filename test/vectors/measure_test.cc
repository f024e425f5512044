// Real boots, predicted from what they booted: the PCRs that their TPMs quoted must come out.
//
// shim, GRUB, kernel and initrd are too large for the samples, which hold their digests; what shim
// and the UKI carry inside is taken from the logs where no artefact holds it.
#include <gtest/gtest.h>

#include <sstream>

#include "measure/trusted_launch.h"
#include "vectors/tpm_samples.h"

namespace assay::measure {
namespace {

#define SKIP_WITHOUT_SAMPLES() \
  if (!samples::Present()) GTEST_SKIP() << "no real evidence at " << samples::Root()

constexpr HashAlgorithm kBank = HashAlgorithm::kSha256;
const Banks kBanks = {kBank};

std::filesystem::path Folder() { return samples::Root() / "trusted-launch"; }

// "shim authenticode HEX file HEX…" of digests.txt, "HEX  path" of SHA256SUMS.
Bytes DigestIn(const std::string& file, const std::string& name, const std::string& key) {
  std::istringstream lines{std::string(AsText(samples::Read(Folder() / "artefacts" / file)))};
  for (std::string line; std::getline(lines, line);) {
    if (line.find(name) == std::string::npos) continue;
    const std::size_t at = key.empty() ? 0 : line.find(key) + key.size() + 1;
    return HexDecode(line.substr(at, 64)).value();
  }
  ADD_FAILURE() << name << " is not in " << file;
  return {};
}

Digests One(Bytes digest) { return {{kBank, std::move(digest)}}; }

// The stores are compressed in the samples; this build has no zstd, so its program does it.
UefiVariables VariablesOf(const std::string& name) {
  const auto file = Folder() / "artefacts" / (name + ".fd.zst");
  const auto plain = std::filesystem::path(::testing::TempDir()) / (name + ".fd");
  const std::string command = "zstd -dqf '" + file.string() + "' -o '" + plain.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << "zstd is needed for this test";
  return UefiVariables::FromStore(samples::Read(plain)).value();
}

struct Log {
  explicit Log(const std::string& boot)
      : bytes(samples::Read(Folder() / boot / "bios.log")),
        log(tcg::ParseEventLog(bytes).value()) {}

  // The values of the variables of that name that PCR 7 was extended with, in order.
  std::vector<Bytes> Variables(const std::string& name) const {
    std::vector<Bytes> out;
    for (const tcg::Event& event : log.events) {
      if (event.index != 7 || event.type == tcg::kEvSeparator) continue;
      const auto variable = tcg::ParseVariable(event.data);
      if (variable && variable->name == name) out.push_back(ToBytes(variable->data));
    }
    return out;
  }
  Bytes FirstVariable(const std::string& name) const { return Variables(name).at(0); }
  Bytes Authority(const std::string& name) const { return Variables(name).back(); }
  Bytes Digest(std::uint32_t pcr, std::size_t number) const {
    for (const tcg::Event& event : log.events) {
      if (event.index == pcr && number-- == 0) return ToBytes(event.Digest(kBank));
    }
    return {};
  }

  Bytes bytes;
  tcg::EventLog log;
};

// The predicted PCRs in the order of their numbers that are not those the TPM held.
std::string Differences(const ExpectedEvents& events, const std::string& boot) {
  const auto quoted = samples::PcrsOfText(Folder() / boot / "pcrs.txt");
  const json::Value values = quoted.at(0).second;
  std::string out;
  const tcg::PcrValues predicted = PcrsAfter(events, kBank).value();
  for (const auto& [pcr, value] : predicted) {
    const json::Value* const held = values.Find(std::to_string(pcr));
    if (held == nullptr || *held->AsString() != HexEncode(value)) out += std::to_string(pcr) + " ";
  }
  return out + "of " + std::to_string(predicted.size());
}

TrustedLaunchBoot GoodBoot() {
  TrustedLaunchBoot out;
  const auto image = [](const std::string& name, const std::string& file) {
    Artefact artefact;
    artefact.authenticode = One(DigestIn("digests.txt", name, "authenticode"));
    artefact.digests = One(DigestIn("SHA256SUMS", file, ""));
    return artefact;
  };
  out.shim = image("shim", "shimx64.efi.signed");
  out.grub = image("grub", "grubx64.efi.signed");
  out.kernel = image("kernel", "vmlinuz-6.1.0-56-cloud-amd64");
  out.initrd.emplace().digests = One(DigestIn("SHA256SUMS", "initrd.img", ""));
  out.grub_config = samples::Read(Folder() / "artefacts/good.grub.cfg");
  out.grub_preamble = {"[ -z (hd0)/EFI/debian -o ! -e (hd0)/EFI/debian ]",
                       "[ -e (hd0)/EFI/debian/x86_64-efi/grub.cfg ]",
                       "[ -e (hd0)/EFI/debian/grub.cfg ]", "source (hd0)/EFI/debian/grub.cfg"};
  return out;
}

ExpectedEvents Events(const TrustedLaunchBoot& boot) {
  const auto prediction = Predict(boot);
  return prediction ? prediction->events : ExpectedEvents{};
}

TEST(Measure, PredictsTheChainOfShimGrubAndKernel) {
  SKIP_WITHOUT_SAMPLES();
  const ExpectedEvents events = Events(GoodBoot());
  for (const std::string boot :
       {"good", "good-two-quotes", "runtime-tamper", "vm-shape-2cpu", "minimal-vars-boot1"}) {
    EXPECT_EQ(Differences(events, boot), "of 7") << boot;
  }
}

TEST(Measure, EachChangeMovesItsPcrsOnly) {
  SKIP_WITHOUT_SAMPLES();
  TrustedLaunchBoot boot = GoodBoot();
  EXPECT_EQ(Differences(Events(boot), "cmdline-changed"), "8 9 of 7");
  EXPECT_EQ(Differences(Events(boot), "initrd-changed"), "9 of 7");
  boot.grub_config = samples::Read(Folder() / "artefacts/cmdline-changed.grub.cfg");
  EXPECT_EQ(Differences(Events(boot), "cmdline-changed"), "of 7");
  boot = GoodBoot();
  boot.initrd->digests = One(Log("initrd-changed").Digest(9, 2));
  EXPECT_EQ(Differences(Events(boot), "initrd-changed"), "of 7");
}

TEST(Measure, PredictsThePolicyOfMicrosoftsKeys) {
  SKIP_WITHOUT_SAMPLES();
  const Log log("good");
  // Which entry of db verifies shim, and what shim carries, only its file tells.
  std::vector<Authority> authorities = {{tcg::kEfiImageSecurityDatabase, "db", log.Authority("db")},
                                        {tcg::kShimLock, "SbatLevel", log.Authority("SbatLevel")},
                                        {tcg::kShimLock, "MokListRT", log.Authority("MokListRT")}};
  for (const std::string store : {"VARS.ms-mti", "VARS.ms-clean"}) {
    const auto events = SecureBootEvents(VariablesOf(store), authorities, kBanks);
    EXPECT_EQ(Differences(events, "good"), "of 1") << store;
  }
  const auto rogue = SecureBootEvents(VariablesOf("VARS.ms-roguedb"), authorities, kBanks);
  EXPECT_EQ(Differences(rogue, "good"), "7 of 1") << "an attacker's key in db must show";
}

TEST(Measure, TheAuthorityInTheLogIsOneOfDb) {
  SKIP_WITHOUT_SAMPLES();
  const auto variables = VariablesOf("VARS.ms-mti");
  const auto db =
      tcg::ParseSignatureDatabase(variables.DataOf(tcg::kEfiImageSecurityDatabase, "db")).value();
  const Bytes authority = Log("good").Authority("db");
  ASSERT_EQ(db.size(), 2U);
  EXPECT_TRUE(Equal(View(authority).first(16), db[1].owner));
  EXPECT_TRUE(Equal(View(authority).subspan(16), db[1].data));
}

// The log tells the digests of the UKI, of its .osrel and of its kernel (it has no signature, and
// so is not the file of the chain above); the rest is computed.
Uki UkiOf(const std::string& boot) {
  const Log log(boot);
  Uki out;
  out.stub = 252;
  out.authenticode = One(log.Digest(4, 2));
  out.kernel_authenticode = One(DigestIn("digests.txt", "kernel", "authenticode"));
  std::string line(AsText(samples::Read(Folder() / boot / "cmdline")));
  line.resize(line.find('\n'));
  out.command_line = line;
  out.sections = {
      {".sbat", DigestsOf(AsBytes("not measured by this version"), kBanks)},
      {".osrel", One(log.Digest(11, 3))},
      {".uname", DigestsOf(AsBytes("nor this"), kBanks)},
      {".cmdline", DigestsOf(AsBytes(line), kBanks)},
      {".linux", One(log.Digest(11, 1))},
      {".initrd", One(DigestIn("SHA256SUMS", "initrd.img", ""))},
  };
  return out;
}

ExpectedEvents UkiEvents(const std::string& boot, const UefiVariables& variables,
                         const std::vector<Authority>& authorities) {
  const Uki uki = UkiOf(boot);
  ExpectedEvents out = FirmwareEvents(kBanks);
  for (const ExpectedEvents& more :
       {LoadedImageEvents(UkiImages(uki, SecureBootEnabled(variables)), kBanks),
        SecureBootEvents(variables, authorities, kBanks), KernelStubEvents(uki, kBanks).value(),
        StubEvents(uki, kBanks).value()}) {
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

// Debian's store of that boot is not among the samples: its variables come from the log, but for
// SecureBoot, which is derived, and the authority, which is db's only entry.
UefiVariables VariablesOfLog(const Log& log) {
  UefiVariables out;
  for (const std::string name :
       {"PK-8be4df61-93ca-11d2-aa0d-00e098032b8c", "KEK-8be4df61-93ca-11d2-aa0d-00e098032b8c",
        "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f", "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f"}) {
    Bytes file(4);
    Append(file, log.FirstVariable(name.substr(0, name.find('-'))));
    EXPECT_TRUE(out.AddEfivarsFile(name, file));
  }
  return out;
}

TEST(Measure, PredictsAUkiWithKeysOfItsOwn) {
  SKIP_WITHOUT_SAMPLES();
  const auto variables = VariablesOfLog(Log("uki-good"));
  const auto db =
      tcg::ParseSignatureDatabase(variables.DataOf(tcg::kEfiImageSecurityDatabase, "db")).value();
  ASSERT_EQ(db.size(), 1U);
  Authority own{tcg::kEfiImageSecurityDatabase, "db", ToBytes(db[0].owner)};
  Append(own.data, db[0].data);
  EXPECT_EQ(Differences(UkiEvents("uki-good", variables, {own}), "uki-good"), "of 8");
}

TEST(Measure, PredictsAUkiWithoutSecureBoot) {
  SKIP_WITHOUT_SAMPLES();
  EXPECT_EQ(Differences(UkiEvents("uki-secureboot-off", UefiVariables(), {}), "uki-secureboot-off"),
            "of 8");
}

}  // namespace
}  // namespace assay::measure

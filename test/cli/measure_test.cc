// `assay measure tdx` and `assay measure sgx`: what they print, and what they refuse.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/sigstruct_testing.h"
#include "measure/td_boot.h"
#include "measure/tdvf.h"
#include "measure/tdvf_testing.h"
#include "support/temporary_folder.h"

namespace assay::cli {
namespace {

namespace made = measure::testing;

struct Artefacts {
  TemporaryFolder folder;

  std::string Put(const std::string& name, View content) const {
    const std::string path = folder.path() + "/" + name;
    EXPECT_TRUE(WriteFile(path, content));
    return path;
  }
};

using Command = Result<int> (*)(const Options&);

// What it prints, or the message of its error.
std::string Printed(Command run, const Options& options) {
  ::testing::internal::CaptureStdout();
  const Result<int> code = run(options);
  const std::string out = ::testing::internal::GetCapturedStdout();
  return code ? out : code.error().message;
}

json::Value PrintedJson(Command run, Options options) {
  options.json = true;
  return json::Parse(Printed(run, options)).value();
}

std::string TextAt(const json::Value& value, std::string_view name) {
  const json::Value* const found = value.Find(name);
  return found != nullptr ? std::string(*found->AsString()) : "absent";
}

bool Names(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Options Tdx(const Artefacts& files) {
  Options out;
  out.measure.firmware = files.Put("tdvf.fd", made::MakeTdvf());
  return out;
}

// Register 1 to 3 are RTMR0 to RTMR2; what firmware measures of its variables, and one event each.
Bytes CcLog(View variables) {
  Bytes out;
  made::Le(out, 0, 4);
  made::Le(out, 3, 4);
  out.resize(28);
  made::Le(out, 16 + 4 + 4 + 4 + 4 + 1, 4);
  Append(out, AsBytes(std::string_view("Spec ID Event03\0", 16)));
  made::Le(out, 0, 4);
  made::Le(out, 0x02000200, 4);
  made::Le(out, 1, 4);
  made::Le(out, 12, 2);
  made::Le(out, 48, 2);
  made::Le(out, 0, 1);
  const auto add = [&](std::uint32_t index, std::uint32_t type, View data) {
    made::Le(out, index, 4);
    made::Le(out, type, 4);
    made::Le(out, 1, 4);
    made::Le(out, 12, 2);
    Append(out, Sha384(data));
    made::Le(out, 0, 4);
  };
  add(1, 0x8000000B, AsBytes("TD HOB"));
  add(1, 0x8000000A, variables);
  add(2, 4, AsBytes("loaders"));
  add(3, 13, AsBytes("system"));
  return out;
}

std::string ExtendedOnce(std::string_view data) {
  Bytes value(48);
  tcg::Extend(tcg::HashAlgorithm::kSha384, Sha384(AsBytes(data)), value);
  return HexEncode(value);
}

TEST(MeasureTdx, PrintsMrTdAndSaysWhatIsNotPredicted) {
  const Artefacts files;
  const Options options = Tdx(files);
  const std::string mrtd =
      HexEncode(measure::MrTd(measure::ReadTdvfMetadata(made::MakeTdvf()).value()));
  const std::string text = Printed(RunMeasureTdx, options);
  EXPECT_TRUE(Names(text, "MRTD   " + mrtd)) << text;
  EXPECT_TRUE(Names(text, "RTMR0  not predicted: needs --learn\n")) << text;
  EXPECT_TRUE(Names(text, "RTMR1  not predicted: needs --kernel, or --learn\n")) << text;
  EXPECT_EQ(TextAt(PrintedJson(RunMeasureTdx, options), "mrtd"), mrtd);
}

TEST(MeasureTdx, PredictsADirectBootAndLearnsTheRest) {
  const Artefacts files;
  Options options = Tdx(files);
  const Bytes kernel = made::MakePe({{".text", "kernel"}});
  options.measure.kernel = files.Put("vmlinuz", kernel);
  options.measure.initrd = files.Put("initrd.img", AsBytes("initrd"));
  options.measure.command_line = "quiet";
  options.measure.learn = files.Put("ccel.bin", CcLog(View(made::MakeTdvf()).first(0x1000)));
  measure::TdDirectBoot boot;
  boot.kernel.file = kernel;
  boot.initrd.emplace();
  boot.initrd->file = ToBytes(AsBytes("initrd"));
  boot.command_line = "quiet";
  const auto expected =
      measure::PcrsAfter(measure::TdDirectBootEvents(boot).value(), measure::HashAlgorithm::kSha384)
          .value();
  const json::Value out = PrintedJson(RunMeasureTdx, options);
  EXPECT_EQ(TextAt(*out.Find("rtmrs"), "1"), HexEncode(expected.at(1)));
  EXPECT_EQ(TextAt(*out.Find("rtmrs"), "2"), HexEncode(expected.at(2)));
  EXPECT_EQ(out.Find("events")->AsArray()->size(), 7U);
  EXPECT_NE(TextAt(*out.Find("learned"), "0"), "absent");
  EXPECT_EQ(TextAt(*out.Find("learned"), "1"), "absent");
  EXPECT_TRUE(Names(Printed(RunMeasureTdx, options), " (learned)\n"));
  options.measure.old_separator = true;
  EXPECT_EQ(PrintedJson(RunMeasureTdx, options).Find("events")->AsArray()->size(), 6U);
}

TEST(MeasureTdx, LearnsAllFromALogOfTheSameFirmware) {
  const Artefacts files;
  Options options = Tdx(files);
  options.measure.learn = files.Put("ccel.bin", CcLog(View(made::MakeTdvf()).first(0x1000)));
  const json::Value out = PrintedJson(RunMeasureTdx, options);
  EXPECT_EQ(TextAt(*out.Find("learned"), "1"), ExtendedOnce("loaders"));
  EXPECT_EQ(TextAt(*out.Find("learned"), "2"), ExtendedOnce("system"));
  options.measure.learn = files.Put("other.bin", CcLog(AsBytes("other variables")));
  EXPECT_TRUE(Names(Printed(RunMeasureTdx, options), "is of another firmware"));
}

TEST(MeasureTdx, RefusesFirmwareWithoutTdxMetadata) {
  const Artefacts files;
  Options options;
  options.measure.firmware = files.Put("ovmf.fd", made::MakeOvmfImage(0x1000, {}));
  EXPECT_TRUE(Names(Printed(RunMeasureTdx, options), "no TDX metadata"));
}

Bytes OnePageStream() {
  Bytes out = ToBytes(AsBytes(std::string_view("ECREATE\0", 8)));
  made::Le(out, 1, 4);
  made::Le(out, 0x2000, 8);
  out.resize(64);
  Append(out, AsBytes("EADD"));
  out.resize(72);
  made::Le(out, 0, 8);
  made::Le(out, 0x203, 8);
  out.resize(128);
  return out;
}

Options Sgx(std::string file) {
  Options out;
  out.file = std::move(file);
  return out;
}

TEST(MeasureSgx, ComputesMrEnclaveOfAStream) {
  const Artefacts files;
  const Bytes stream = OnePageStream();
  const json::Value out = PrintedJson(RunMeasureSgx, Sgx(files.Put("a.sgxs", stream)));
  EXPECT_EQ(TextAt(out, "mrenclave"), HexEncode(Sha256(stream)));
  EXPECT_EQ(TextAt(out, "basis"), "computed");
  EXPECT_EQ(TextAt(out, "mrsigner"), "absent");
  EXPECT_TRUE(Names(Printed(RunMeasureSgx, Sgx(files.Put("a.sgxs", stream))),
                    "1 pages, of which 4096 bytes are not measured"));
}

TEST(MeasureSgx, ComparesAStreamWithItsSignature) {
  const Artefacts files;
  Options options = Sgx(files.Put("a.sgxs", OnePageStream()));
  options.measure.sigstruct = files.Put("a.sig", made::MakeSigstruct(Sha256(OnePageStream())));
  const json::Value out = PrintedJson(RunMeasureSgx, options);
  EXPECT_EQ(TextAt(out, "basis"), "computed");
  EXPECT_NE(TextAt(out, "mrsigner"), "absent");
  options.measure.sigstruct = files.Put("b.sig", made::MakeSigstruct(Sha256(AsBytes("b"))));
  EXPECT_TRUE(Names(Printed(RunMeasureSgx, options), "signs another enclave"));
}

TEST(MeasureSgx, NamesTheSignersStatementAsSuch) {
  const Artefacts files;
  const Sha256Digest hash = Sha256(AsBytes("an enclave"));
  const Options options = Sgx(files.Put("app.sig", made::MakeSigstruct(hash)));
  const json::Value out = PrintedJson(RunMeasureSgx, options);
  EXPECT_EQ(TextAt(out, "mrenclave"), HexEncode(hash));
  EXPECT_EQ(TextAt(out, "basis"), "signer");
  EXPECT_EQ(*out.Find("isvProdId")->AsInt(), 7);
  EXPECT_FALSE(*out.Find("debugAllowed")->AsBool());
  const std::string text = Printed(RunMeasureSgx, options);
  EXPECT_TRUE(Names(text, "as the signer states it")) << text;
  EXPECT_TRUE(Names(text, "ISVSVN      3")) << text;
  EXPECT_TRUE(Names(text, "debug not allowed")) << text;
}

TEST(MeasureSgx, RefusesWhatIsNoEnclaveAndASignatureTooMany) {
  const Artefacts files;
  EXPECT_TRUE(Names(Printed(RunMeasureSgx, Sgx(files.Put("text", AsBytes("hello")))),
                    "expected an SGXS stream"));
  EXPECT_TRUE(Names(Printed(RunMeasureSgx, Sgx(files.Put("app.so", AsBytes("\x7F"
                                                                           "ELF")))),
                    "ELF header"));
  Options options = Sgx(files.Put("app.sig", made::MakeSigstruct({})));
  options.measure.sigstruct = options.file;
  EXPECT_TRUE(Names(Printed(RunMeasureSgx, options), "--sigstruct goes with an SGXS stream"));
}

}  // namespace
}  // namespace assay::cli

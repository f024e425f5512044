#include "measure/systemd_stub.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "measure/kernel_stub.h"

namespace assay::measure {
namespace {

constexpr std::uint32_t kPcrKernel = 9, kPcrUki = 11;
constexpr unsigned kOldestStub = 252, kNewestStub = 258;

bool IsCovered(unsigned version) {
  return version == kOldestStub || (version >= 255 && version <= kNewestStub);
}

struct StubSection {
  std::string_view name;
  unsigned since;  // the version that first measures it
};

// In the order of measurement, which no version has changed, only filled.
constexpr std::array kMeasuredSections = std::to_array<StubSection>({
    {".linux", 252},
    {".osrel", 252},
    {".cmdline", 252},
    {".initrd", 252},
    {".ucode", 256},
    {".splash", 252},
    {".dtb", 252},
    {".uname", 255},
    {".sbat", 255},
    {".pcrpkey", 252},
});
constexpr std::array<std::string_view, 4> kChosenAtBoot = {".profile", ".dtbauto", ".hwids",
                                                           ".efifw"};

std::string WithNul(std::string_view text) { return std::string(text) + '\0'; }

const Digests* SectionOf(const Uki& uki, std::string_view name) {
  for (const auto& [section, digests] : uki.sections) {
    if (section == name) return &digests;
  }
  return nullptr;
}

Result<void> RefuseChoices(const Uki& uki) {
  for (const std::string_view name : kChosenAtBoot) {
    if (SectionOf(uki, name) == nullptr) continue;
    return Fail(ErrorCode::kUnsupported,
                fmt::format("UKI: of {} the stub chooses one at boot, so PCR 11 depends on the "
                            "machine",
                            name),
                "learn PCR 11 from a log: --learn LOG --learn-pcr 11");
  }
  return {};
}

Result<const PeSection*> Required(const PeImage& image, std::string_view name) {
  const PeSection* const section = image.Section(name);
  if (section == nullptr) {
    return Fail(ErrorCode::kMissing, fmt::format("UKI: it has no section {}", name),
                "is this a unified kernel image, as ukify or objcopy with systemd-stub makes it?");
  }
  return section;
}

Result<unsigned> StubVersion(const PeImage& image) {
  constexpr std::string_view kMark = "LoaderInfo: systemd-stub ";
  const std::string_view magic = AsText(TRY(Required(image, ".sdmagic"))->content);
  const std::size_t at = magic.find(kMark);
  unsigned version = 0;
  if (at != std::string_view::npos) {
    const std::string_view number = magic.substr(at + kMark.size());
    std::from_chars(number.data(), number.data() + number.size(), version);
  }
  if (version == 0) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("UKI: expected systemd-stub and its version in .sdmagic, found \"{}\"",
                            magic.substr(0, magic.find('\0'))));
  }
  return version;
}

}  // namespace

Result<Uki> ReadUki(const PeImage& image, const Banks& banks) {
  Uki out;
  out.stub = TRY(StubVersion(image));
  out.authenticode = DigestsOf(image.AuthenticodeInput(), banks);
  const View kernel = TRY(Required(image, ".linux"))->content;
  out.kernel_authenticode = DigestsOf(TRY(PeImage::Parse(kernel)).AuthenticodeInput(), banks);
  const std::string_view line = AsText(TRY(Required(image, ".cmdline"))->content);
  out.command_line = line.substr(0, line.find('\0'));
  for (const PeSection& section : image.sections()) {
    if (image.Section(section.name) != &section) continue;  // the stub takes the first of a name
    out.sections.emplace_back(section.name, DigestsOf(section.content, banks));
  }
  return out;
}

Result<ExpectedEvents> StubEvents(const Uki& uki, const Banks& banks) {
  if (!IsCovered(uki.stub)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("UKI: expected systemd-stub {} or 255 to {}, found {}", kOldestStub,
                            kNewestStub, uki.stub),
                "learn PCR 11 from a log: --learn LOG --learn-pcr 11");
  }
  TRY_VOID(RefuseChoices(uki));
  ExpectedEvents out;
  for (const StubSection& known : kMeasuredSections) {
    const Digests* const content = SectionOf(uki, known.name);
    if (content == nullptr || known.since > uki.stub) continue;
    out.push_back(Measured(kPcrUki, fmt::format("name of {}", known.name),
                           AsBytes(WithNul(known.name)), banks));
    out.push_back({kPcrUki, std::string(known.name), *content});
  }
  return out;
}

ExpectedEvents PhaseEvents(std::string_view phases, const Banks& banks) {
  ExpectedEvents out;
  while (!phases.empty()) {
    const std::string_view phase = phases.substr(0, phases.find(':'));
    out.push_back(Measured(kPcrUki, fmt::format("phase {}", phase), AsBytes(phase), banks));
    phases.remove_prefix(std::min(phases.size(), phase.size() + 1));
  }
  return out;
}

Result<ExpectedEvents> KernelStubEvents(const Uki& uki, const Banks& banks) {
  if (SectionOf(uki, ".ucode") != nullptr) {
    return Fail(ErrorCode::kUnsupported,
                "UKI: with .ucode the stub joins two initrds, which is not predicted",
                "learn PCR 9 from a log: --learn LOG --learn-pcr 9");
  }
  ExpectedEvents out;
  out.push_back(TRY(CommandLineEvent(kPcrKernel, uki.command_line, banks)));
  if (const Digests* const initrd = SectionOf(uki, ".initrd")) {
    out.push_back({kPcrKernel, "initrd", *initrd});
  }
  return out;
}

}  // namespace assay::measure

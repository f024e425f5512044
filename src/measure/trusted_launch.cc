#include "measure/trusted_launch.h"

#include <fmt/format.h>

namespace assay::measure {
namespace {

class Predictor {
 public:
  explicit Predictor(const TrustedLaunchBoot& boot) : boot_(boot) {}

  Result<Prediction> Run() {
    if (boot_.uki.has_value() == boot_.shim.has_value()) {
      return Fail(ErrorCode::kInvalidArgument,
                  "expected the files of one boot: shim, GRUB and a kernel, or a UKI",
                  "assay measure trusted-launch --help has an example of each");
    }
    Add(FirmwareEvents(boot_.banks));
    TRY_VOID(boot_.uki ? PredictUki() : PredictShimGrub());
    return std::move(out_);
  }

 private:
  bool Wanted(std::uint32_t pcr) const { return boot_.learned.count(pcr) == 0; }
  void Add(ExpectedEvents events) {
    for (ExpectedEvent& event : events) {
      if (Wanted(event.pcr)) out_.events.push_back(std::move(event));
    }
  }
  void Lacks(std::uint32_t pcr, std::string what) {
    if (Wanted(pcr)) out_.not_predicted.emplace(pcr, std::move(what));
  }

  Result<void> PredictShimGrub() {
    if (!boot_.grub || !boot_.kernel) {
      return Fail(ErrorCode::kMissing, "behind shim, --grub and --kernel are needed");
    }
    if (Wanted(4)) {
      Add(LoadedImageEvents(ShimGrubImages(TRY(ImageDigests(*boot_.shim, boot_.banks)),
                                           TRY(ImageDigests(*boot_.grub, boot_.banks)),
                                           TRY(ImageDigests(*boot_.kernel, boot_.banks))),
                            boot_.banks));
    }
    if (Wanted(7)) TRY_VOID(ShimPolicy());
    if (Wanted(8) || Wanted(9)) TRY_VOID(Grub());
    return {};
  }

  Result<void> ShimPolicy() {
    if (!boot_.variables) {
      Lacks(7, "the variables (--vars)");
      return {};
    }
    if (!SecureBootEnabled(*boot_.variables)) {
      return Fail(ErrorCode::kUnsupported,
                  "Secure Boot is off in these variables: GRUB then hides the event log from the "
                  "kernel, and nothing could be proven",
                  "enrol keys, or boot a UKI");
    }
    if (!boot_.shim->file || !boot_.grub->file || !boot_.kernel->file) {
      Lacks(7, "shim, GRUB and the kernel as files: their signatures decide");
      return {};
    }
    const PeImage shim = TRY(PeImage::Parse(*boot_.shim->file));
    const PeImage grub = TRY(PeImage::Parse(*boot_.grub->file));
    const PeImage kernel = TRY(PeImage::Parse(*boot_.kernel->file));
    Add(SecureBootEvents(*boot_.variables,
                         TRY(ShimAuthorities(shim, {&grub, &kernel}, *boot_.variables)),
                         boot_.banks));
    return {};
  }

  Result<std::vector<std::string>> Preamble() const {
    if (boot_.grub_preamble) return *boot_.grub_preamble;
    if (!boot_.grub->file) {
      return Fail(ErrorCode::kMissing, "without GRUB's file its first commands are not known",
                  "give them with --grub-preamble FILE");
    }
    return DebianPreamble(TRY(PeImage::Parse(*boot_.grub->file)), boot_.grub_device);
  }

  Result<void> Grub() {
    if (!boot_.grub_config) {
      Lacks(8, "GRUB's configuration (--grub-config)");
      Lacks(9, "GRUB's configuration (--grub-config)");
      return {};
    }
    GrubBoot grub;
    grub.preamble = TRY(Preamble());
    grub.config = AsText(*boot_.grub_config);
    grub.config_digests = DigestsOf(*boot_.grub_config, boot_.banks);
    grub.kernel_digests = FileDigests(*boot_.kernel, boot_.banks);
    if (boot_.initrd) grub.initrd_digests = FileDigests(*boot_.initrd, boot_.banks);
    Add(TRY(GrubEvents(grub, boot_.banks)));
    return {};
  }

  Result<void> PredictUki() {
    if (!boot_.uki->file) {
      return Fail(ErrorCode::kMissing, "a UKI is measured section by section: its file is needed");
    }
    if (!boot_.variables) {
      return Fail(ErrorCode::kMissing, "whether Secure Boot is on decides what is measured",
                  "give the variables with --vars");
    }
    const PeImage image = TRY(PeImage::Parse(*boot_.uki->file));
    const Uki uki = TRY(ReadUki(image, boot_.banks));
    const bool secure_boot = SecureBootEnabled(*boot_.variables);
    Add(LoadedImageEvents(UkiImages(uki, secure_boot), boot_.banks));
    if (Wanted(7)) {
      std::vector<Authority> authorities;
      if (secure_boot) authorities.push_back(TRY(AuthorityOf(image, *boot_.variables)));
      Add(SecureBootEvents(*boot_.variables, authorities, boot_.banks));
    }
    if (Wanted(9)) Add(TRY(KernelStubEvents(uki, boot_.banks)));
    if (Wanted(11)) {
      Add(TRY(StubEvents(uki, boot_.banks)));
      Add(PhaseEvents(boot_.phases, boot_.banks));
    }
    return {};
  }

  const TrustedLaunchBoot& boot_;
  Prediction out_;
};

}  // namespace

Digests FileDigests(const Artefact& artefact, const Banks& banks) {
  return artefact.file ? DigestsOf(*artefact.file, banks) : artefact.digests;
}

Result<Digests> ImageDigests(const Artefact& artefact, const Banks& banks) {
  if (artefact.file) return AuthenticodeDigests(*artefact.file, banks);
  return artefact.authenticode;
}

Result<Prediction> Predict(const TrustedLaunchBoot& boot) { return Predictor(boot).Run(); }

}  // namespace assay::measure

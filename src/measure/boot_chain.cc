#include "measure/boot_chain.h"

namespace assay::measure {

Result<Digests> AuthenticodeDigests(View file, const Banks& banks) {
  return DigestsOf(TRY(PeImage::Parse(file)).AuthenticodeInput(), banks);
}

ExpectedEvents FirmwareEvents(const Banks& banks) {
  ExpectedEvents out;
  for (const std::uint32_t pcr : {2U, 3U, 5U, 6U}) out.push_back(Separator(pcr, banks));
  // PFP 1.06 §3.3.4.6: measured as text, without a NUL.
  for (const std::string_view action :
       {"Exit Boot Services Invocation", "Exit Boot Services Returned with Success"}) {
    out.push_back(Measured(5, std::string(action), AsBytes(action), banks));
  }
  return out;
}

ExpectedEvents LoadedImageEvents(const std::vector<LoadedImage>& images, const Banks& banks) {
  constexpr std::uint32_t kPcrLoaders = 4;
  constexpr std::string_view kBootOption = "Calling EFI Application from Boot Option";
  ExpectedEvents out;
  out.push_back(Measured(kPcrLoaders, std::string(kBootOption), AsBytes(kBootOption), banks));
  out.push_back(Separator(kPcrLoaders, banks));
  for (const LoadedImage& image : images) out.push_back({kPcrLoaders, image.name, image.digests});
  return out;
}

std::vector<LoadedImage> ShimGrubImages(Digests shim, Digests grub, Digests kernel) {
  return {{"shim", std::move(shim)},
          {"GRUB", std::move(grub)},
          {"kernel, verified by shim", kernel},
          {"kernel, loaded by GRUB", kernel}};
}

std::vector<LoadedImage> UkiImages(const Uki& uki, bool secure_boot) {
  std::vector<LoadedImage> out = {{"UKI", uki.authenticode}};
  if (!secure_boot) out.push_back({"kernel in .linux", uki.kernel_authenticode});
  return out;
}

}  // namespace assay::measure

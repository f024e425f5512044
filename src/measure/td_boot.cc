#include "measure/td_boot.h"

#include "measure/kernel_stub.h"

namespace assay::measure {
namespace {

constexpr std::uint32_t kRtmrLoaders = 1, kRtmrSystem = 2;  // PCRs 2 to 6, and 8 to 15

ExpectedEvent Action(std::string_view text) {
  return Measured(kRtmrLoaders, std::string(text), AsBytes(text), kRtmrBanks);
}

}  // namespace

Result<ExpectedEvents> TdDirectBootEvents(const TdDirectBoot& boot) {
  Digests kernel = TRY(ImageDigests(boot.kernel, kRtmrBanks));
  ExpectedEvents out;
  // Loaded before the firmware is ready to boot, so before what it says then.
  out.push_back({kRtmrLoaders, "kernel", std::move(kernel)});
  out.push_back(Action("Calling EFI Application from Boot Option"));
  if (boot.separator_in_rtmr1) out.push_back(Separator(kRtmrLoaders, kRtmrBanks));
  out.push_back(TRY(CommandLineEvent(kRtmrSystem, boot.command_line, kRtmrBanks)));
  if (boot.initrd) out.push_back({kRtmrSystem, "initrd", FileDigests(*boot.initrd, kRtmrBanks)});
  out.push_back(Action("Exit Boot Services Invocation"));
  out.push_back(Action("Exit Boot Services Returned with Success"));
  return out;
}

}  // namespace assay::measure

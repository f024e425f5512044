#include "measure/kernel_stub.h"

namespace assay::measure {

Result<ExpectedEvent> CommandLineEvent(std::uint32_t pcr, std::string_view command_line,
                                       const Banks& banks) {
  Bytes utf16;
  for (const char c : command_line) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return Fail(ErrorCode::kUnsupported, "the kernel's command line is not ASCII",
                  "the kernel's own parameters are; learn the register from a log");
    }
    utf16.push_back(static_cast<std::byte>(c));
    utf16.push_back(std::byte{0});
  }
  utf16.insert(utf16.end(), 2, std::byte{0});
  return Measured(pcr, "command line as the kernel is given it", utf16, banks);
}

}  // namespace assay::measure

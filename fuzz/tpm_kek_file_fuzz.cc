// The file of a key-encryption key that a TPM has sealed, changed by whoever can write to the state
// folder; what is read is written, and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "keys/tpm_kek_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const View text = std::as_bytes(std::span(data, size));
  const std::string id(32, 'a');
  static_cast<void>(keys::ParsePcrList(AsText(text)));
  const auto read = keys::ParseTpmKek(text, id);
  if (!read) return 0;
  const auto again = keys::ParseTpmKek(AsBytes(keys::WriteTpmKek(id, *read)), id);
  if (!again || again->pcrs != read->pcrs) std::abort();
  return 0;
}

#include "simulate/intel.h"

namespace assay::simulate {
namespace {

Bytes EnclaveReport(std::string_view fault) {
  Bytes out(384);
  Put(out, 0, Bytes(16, std::byte{kComponentSvn}));
  // INIT and MODE64BIT, with DEBUG or without INIT as the fault may be.
  PutLe(out, 48, fault == "sgx.debug" ? 0x07 : (fault == "sgx.init" ? 0x04 : 0x05), 8);
  PutLe(out, 56, 0xE7, 8);
  Put(out, 64, Filler("Assay simulation enclave", 32));
  Put(out, 128, Filler("Assay simulation enclave signer", 32));
  PutLe(out, 256, 1, 2);
  PutLe(out, 258, 1, 2);
  Put(out, 320, Filler("Assay simulation report data", 32));
  return out;
}

}  // namespace

Result<Simulation> SimulateSgx(std::string_view fault) {
  Simulation out;
  const IntelKeys keys = TRY(MakeIntelKeys());
  const IntelPki pki = TRY(MakeIntelPki(keys, fault, out));
  TRY_VOID(AddIntelDocuments(keys, false, fault, out));
  out.evidence = TRY(MakeQuote({3, false, EnclaveReport(fault)}, keys, pki, fault));
  out.files["evidence.bin"] = out.evidence;
  return out;
}

}  // namespace assay::simulate

// A simulated machine that boots, runs programs and answers challenges, again and again.
#pragma once

#include "base/json.h"
#include "simulate/parts.h"
#include "simulate/tpm_logs.h"

namespace assay::simulate {

// What evidence may leave out, for one who has seen the machine before.
struct LeftOut {
  bool event_log = false;    // its digest is given
  std::size_t ima_from = 0;  // entries
};

class SimulatedMachine {
 public:
  static Result<SimulatedMachine> Make();

  const Bytes& ak_area() const { return ak_area_; }  // TPMT_PUBLIC
  Bytes ak_name() const;
  std::string ak_spki() const;  // SHA-256 of its SubjectPublicKeyInfo, hexadecimal
  std::size_t ima_entries() const { return boot_.files.size(); }

  // From the begin: nothing but what `boot` says has run.
  void Boot(TpmBoot boot);
  void Run(std::string path, std::string content);

  // A "tpm/1" document. The quote binds the data `bound`, too, unless it is empty.
  Result<std::string> Answer(View nonce, const LeftOut& left_out = {}, View bound = {}) const;
  // The member of "certified_keys" for a key of that public area: TPM2_Certify.
  Result<json::Value> Certify(View area, View nonce) const;

 private:
  SimulatedMachine(VendorKey ak, Bytes ak_area)
      : ak_(std::move(ak)), ak_area_(std::move(ak_area)) {}

  VendorKey ak_;
  Bytes ak_area_;
  TpmBoot boot_;
  std::uint32_t resets_ = 7;
};

}  // namespace assay::simulate

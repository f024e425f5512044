#include "simulate/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulate/parts.h"

namespace assay::simulate {
namespace {

constexpr std::array<std::string_view, 42> kDcapFaults = {"pck.chain",
                                                          "root.pinned",
                                                          "pck.profile",
                                                          "root.signature",
                                                          "root.dates",
                                                          "intermediate.signature",
                                                          "intermediate.dates",
                                                          "pck.signature",
                                                          "pck.dates",
                                                          "root_crl.present",
                                                          "root_crl.signature",
                                                          "root_crl.dates",
                                                          "intermediate.revoked",
                                                          "pck_crl.present",
                                                          "pck_crl.signature",
                                                          "pck_crl.dates",
                                                          "pck.revoked",
                                                          "qe_report.signature",
                                                          "attestation_key.binding",
                                                          "attestation_key.point",
                                                          "quote.signature",
                                                          "tcb_info.present",
                                                          "tcb_info.signer",
                                                          "tcb_info.signature",
                                                          "tcb_info.dates",
                                                          "tcb_info.fmspc",
                                                          "tcb_info.pce_id",
                                                          "qe_identity.present",
                                                          "qe_identity.signer",
                                                          "qe_identity.signature",
                                                          "qe_identity.dates",
                                                          "qe_identity.id",
                                                          "qe.mrsigner",
                                                          "qe.isvprodid",
                                                          "qe.miscselect",
                                                          "qe.attributes",
                                                          "qe.level",
                                                          "tcb.level",
                                                          "tcb.status",
                                                          "quote.qe_vendor",
                                                          "quote.trailing",
                                                          "report_data"};

// Documents of the old versions and TCB info for SGX lack what a TDX quote needs: more would fail.
constexpr std::array<std::string_view, 6> kSgxFaults = {
    "tcb_info.version", "tcb_info.id", "qe_identity.version",
    "sgx.debug",        "sgx.init",    "ra_tls.binding"};

constexpr std::array<std::string_view, 10> kTdxFaults = {
    "tdx_module.level", "tdx_module.mrsigner", "tdx_module.attributes", "tcb.current_level",
    "tdx.debug",        "event_log.layout",    "event_log.rtmr0",       "event_log.rtmr1",
    "event_log.rtmr2",  "event_log.rtmr3"};

// test/contract/check_names_test.cc lists the checks that cannot fail alone, with the reasons.
constexpr std::array<std::string_view, 36> kSnpFaults = {"report.reserved",
                                                         "report.signature_algorithm",
                                                         "report.signing_key",
                                                         "report.vmpl",
                                                         "report.policy.debug",
                                                         "report.report_data",
                                                         "leaf.tcb.fmc",
                                                         "report.tcb.committed",
                                                         "report.tcb.reported",
                                                         "report.signature",
                                                         "leaf.extensions",
                                                         "leaf.hwid",
                                                         "leaf.tcb.bootloader",
                                                         "leaf.tcb.tee",
                                                         "leaf.tcb.snp",
                                                         "leaf.tcb.microcode",
                                                         "report.tcb.reserved",
                                                         "report.chip_id",
                                                         "leaf.csp_id",
                                                         "leaf.product",
                                                         "report.product",
                                                         "chain.leaf",
                                                         "chain.intermediate",
                                                         "chain.root",
                                                         "chain.root_pinned",
                                                         "chain.ca",
                                                         "chain.validity.leaf",
                                                         "chain.validity.intermediate",
                                                         "chain.validity.root",
                                                         "root_crl.present",
                                                         "root_crl.signature",
                                                         "root_crl.dates",
                                                         "intermediate.revoked",
                                                         "intermediate_crl.signature",
                                                         "intermediate_crl.dates",
                                                         "leaf.revoked"};

constexpr std::array<std::string_view, 33> kTpmFaults = {"certified_key.signature",
                                                         "certified_key.name",
                                                         "certified_key.nonce",
                                                         "sealing_key.present",
                                                         "sealing_key.attributes",
                                                         "sealing_key.policy",
                                                         "runtime_key.single",
                                                         "runtime_key.origin",
                                                         "runtime_key.purpose",
                                                         "runtime_key.type",
                                                         "quote.required_pcrs",
                                                         "ima.known",
                                                         "quote.same_boot",
                                                         "ak.attributes",
                                                         "ak.trust",
                                                         "ak.certificate",
                                                         "ak.chain",
                                                         "ak.dates",
                                                         "ak_crl.present",
                                                         "ak.revoked",
                                                         "ak.enrolled",
                                                         "quote.signature",
                                                         "quote.pcr_digest",
                                                         "quote.hash",
                                                         "quote.nonce",
                                                         "quote.pcrs",
                                                         "event_log.present",
                                                         "event_log.replayable",
                                                         "event_log.replay",
                                                         "event_log.digests",
                                                         "secure_boot.state",
                                                         "secure_boot.enabled",
                                                         "ima.replay"};

// Beside those of the hardware's report.
constexpr std::array<std::string_view, 15> kAzureFaults = {
    "ak.runtime_data",   "ak.attributes",        "ak.enrolled",      "quote.same_boot",
    "quote.signature",   "quote.pcr_digest",     "quote.hash",       "quote.nonce",
    "quote.pcrs",        "event_log.replayable", "event_log.replay", "event_log.digests",
    "secure_boot.state", "secure_boot.enabled",  "ima.replay"};

// Beside those of the TPM.
constexpr std::array<std::string_view, 7> kVbsFaults = {
    "vbs.windows",      "vbs.boot_state",   "vbs.identity_key", "vbs.signature",
    "vbs.enclave_data", "vbs.enclave_type", "vbs.debug"};

template <std::size_t N>
void AppendTo(std::vector<std::string>& out, const std::array<std::string_view, N>& names) {
  out.insert(out.end(), names.begin(), names.end());
}

}  // namespace

std::vector<std::string> FaultsOf(std::string_view kind) {
  std::vector<std::string> out;
  if (kind == "sgx" || kind == "tdx") AppendTo(out, kDcapFaults);
  if (kind == "sgx") AppendTo(out, kSgxFaults);
  if (kind == "tdx") AppendTo(out, kTdxFaults);
  if (kind == "snp" || kind == "azure") AppendTo(out, kSnpFaults);
  if (kind == "azure") AppendTo(out, kAzureFaults);
  if (kind == "tpm" || kind == "vbs") AppendTo(out, kTpmFaults);
  if (kind == "vbs") AppendTo(out, kVbsFaults);
  return out;
}

Result<Simulation> Simulate(std::string_view kind, std::string_view fault, const Shape& shape) {
  const std::vector<std::string> faults = FaultsOf(kind);
  if (faults.empty()) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("no simulation of \"{}\"", kind),
                "expected sgx, tdx, snp, tpm, azure or vbs");
  }
  if (!fault.empty() && std::find(faults.begin(), faults.end(), fault) == faults.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no fault \"{}\" in a simulation of {}", fault, kind),
                fmt::format("`assay simulate {} --list-faults` names them", kind));
  }
  const bool bound = kind == "snp" || kind == "azure";
  const Order order{fault, shape, bound ? shape.report_data : Bytes()};
  if (kind == "sgx") return SimulateSgx(order);
  if (kind == "tdx") return SimulateTdx(order);
  if (kind == "snp") return SimulateSnp(order);
  if (kind == "vbs") return SimulateVbs(order);
  return kind == "tpm" ? SimulateTpm(order) : SimulateAzure(order);
}

}  // namespace assay::simulate

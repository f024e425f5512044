// What the simulations of all vendors share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "crypto/certificate_builder.h"
#include "simulate/simulate.h"

namespace assay::simulate {

// How a simulated machine boots, and what it runs.
struct TpmBoot {
  std::string command_line = "/vmlinuz ro quiet";
  // Path and content, as IMA measures them.
  std::vector<std::pair<std::string, std::string>> files = {
      {"boot_aggregate", "boot_aggregate"}, {"/usr/bin/init", "init 1"}, {"/opt/app", "app 1"}};
  // Of Windows: the certificate that its boot manager is signed under, and the key of its secure
  // kernel as it measures it (SIPAEVENT_VSM_IDKS_INFO). Empty for Linux.
  Bytes windows_authority = {};
  Bytes identity_key = {};
};

// What is asked for.
struct Order {
  std::string_view fault;
  Shape shape;
  Bytes report_data = {};  // what SNP or Azure evidence binds; empty: kReportData
  TpmBoot boot = {};
};

// What the evidence holds, zeros behind it, in REPORT_DATA.
inline constexpr std::string_view kReportData = "Assay simulation report data";

// Any fixed time will do: simulations do not look at the clock.
inline constexpr Time kAt{std::chrono::seconds{1'750'420'800}};  // 2025-06-20T12:00:00Z

// `days` on both sides of kAt; already over by a second when `expired`.
Validity Around(int days, bool expired = false);

// A fixed value that says what it is: the first `size` bytes of the SHA-512 of `text`.
Bytes Filler(std::string_view text, std::size_t size);

void AppendLe(Bytes& out, std::uint64_t value, std::size_t size);
void Put(Bytes& out, std::size_t offset, View value);
void PutLe(Bytes& out, std::size_t offset, std::uint64_t value, std::size_t size);

// Each adds to the collateral and to the files.
void AddCertificate(Simulation& out, const std::string& file, const CertificatePtr& certificate);
Result<void> AddCrl(Simulation& out, const std::string& file, const Bytes& der);
void AddDocument(Simulation& out, const std::string& file, const std::string& text);

// Completes the files. `report_data` is what the evidence holds; the fault named `check` demands
// another.
void Finish(Simulation& out, const Certificate& trusted_root);
void ExpectReportData(Simulation& out, View report_data, const Order& order,
                      std::string_view check);

Result<Simulation> SimulateSgx(const Order& order);
Result<Simulation> SimulateTdx(const Order& order);
Result<Simulation> SimulateSnp(const Order& order);
Result<Simulation> SimulateTpm(const Order& order);
Result<Simulation> SimulateAzure(const Order& order);
Result<Simulation> SimulateVbs(const Order& order);

}  // namespace assay::simulate

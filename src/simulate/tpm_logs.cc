#include "simulate/tpm_logs.h"

#include "tee/tcg/event_log.h"
#include "tee/tcg/replay.h"
#include "tee/tcg/uefi.h"
#include "tee/tpm/ima_log.h"

namespace assay::simulate {
namespace {

constexpr auto kBank = tcg::HashAlgorithm::kSha256;

// A log that is written as a firmware writes it (TCG PC Client Platform Firmware Profile §10).
class LogWriter {
 public:
  LogWriter() {
    AppendLe(log_, 0, 4);
    AppendLe(log_, tcg::kEvNoAction, 4);
    Append(log_, Bytes(20));
    Bytes spec = ToBytes(AsBytes(std::string_view("Spec ID Event03\0", 16)));
    AppendLe(spec, 0, 4);           // platform class: client
    AppendLe(spec, 0x02000002, 4);  // 2.00 errata 0, uintn of 64 bits
    AppendLe(spec, 1, 4);
    AppendLe(spec, static_cast<std::uint16_t>(kBank), 2);
    AppendLe(spec, tcg::DigestSize(kBank), 2);
    AppendLe(spec, 0, 1);
    AppendLe(log_, spec.size(), 4);
    Append(log_, spec);
    for (unsigned pcr = 0; pcr <= 14; ++pcr) pcrs_[pcr] = tcg::StartValue(kBank, pcr);
  }

  void Add(unsigned pcr, std::uint32_t type, View data) { Add(pcr, type, data, data); }

  // `measured` is what the digest is of.
  void Add(unsigned pcr, std::uint32_t type, View data, View measured) {
    const Bytes digest = tcg::Hash(kBank, measured);
    AppendLe(log_, pcr, 4);
    AppendLe(log_, type, 4);
    AppendLe(log_, 1, 4);
    AppendLe(log_, static_cast<std::uint16_t>(kBank), 2);
    Append(log_, digest);
    AppendLe(log_, data.size(), 4);
    Append(log_, data);
    if (type != tcg::kEvNoAction) tcg::Extend(kBank, digest, pcrs_[pcr]);
  }

  void Add(unsigned pcr, std::uint32_t type, std::string_view data) {
    Add(pcr, type, AsBytes(data));
  }

  Bytes TakeLog() { return std::move(log_); }
  std::map<unsigned, Bytes>& pcrs() { return pcrs_; }

 private:
  Bytes log_;
  std::map<unsigned, Bytes> pcrs_;
};

// UEFI_VARIABLE_DATA.
Bytes VariableData(const tcg::Guid& vendor, std::string_view name, View value) {
  Bytes out = ToBytes(vendor);
  AppendLe(out, name.size(), 8);
  AppendLe(out, value.size(), 8);
  for (const char c : name) AppendLe(out, static_cast<unsigned char>(c), 2);
  Append(out, value);
  return out;
}

// An EFI_SIGNATURE_LIST with one SHA-256 hash (UEFI 2.10 §32.4.1).
Bytes HashList(std::string_view of) {
  const Bytes type = {std::byte{0x26}, std::byte{0x16}, std::byte{0xc4}, std::byte{0xc1},
                      std::byte{0x4c}, std::byte{0x50}, std::byte{0x92}, std::byte{0x40},
                      std::byte{0xac}, std::byte{0xa9}, std::byte{0x41}, std::byte{0xf9},
                      std::byte{0x36}, std::byte{0x93}, std::byte{0x43}, std::byte{0x28}};
  Bytes out = type;
  AppendLe(out, 28 + 48, 4);
  AppendLe(out, 0, 4);
  AppendLe(out, 48, 4);
  Append(out, Bytes(16, std::byte{0x11}));
  Append(out, Sha256(AsBytes(of)));
  return out;
}

void AddStartupLocality(LogWriter& log) {
  log.Add(0, tcg::kEvNoAction, std::string_view("StartupLocality\0\0", 17));
}

void AddSecureBoot(LogWriter& log, const Order& order) {
  const auto config = [&](const tcg::Guid& vendor, std::string_view name, View value) {
    log.Add(7, tcg::kEvEfiVariableDriverConfig, VariableData(vendor, name, value));
  };
  const Bytes state = {order.fault == "secure_boot.enabled" ? std::byte{0} : std::byte{1}};
  // The fault: nothing says whether it is on.
  if (order.fault != "secure_boot.state") config(tcg::kEfiGlobalVariable, "SecureBoot", state);
  config(tcg::kEfiGlobalVariable, "PK", HashList("platform key"));
  config(tcg::kEfiGlobalVariable, "KEK", HashList("key exchange key"));
  config(tcg::kEfiImageSecurityDatabase, "db", HashList("allowed"));
  config(tcg::kEfiImageSecurityDatabase, "dbx", HashList("forbidden"));
}

void AddBoot(LogWriter& log, const Order& order) {
  const Bytes separator(4);
  for (unsigned pcr = 0; pcr < 8; ++pcr) log.Add(pcr, tcg::kEvSeparator, separator);
  Bytes allowed(16, std::byte{0x11});
  if (order.boot.windows_authority.empty()) {
    Append(allowed, Sha256(AsBytes("allowed")));
  } else {
    Append(allowed, order.boot.windows_authority);
  }
  log.Add(7, tcg::kEvEfiVariableAuthority,
          VariableData(tcg::kEfiImageSecurityDatabase, "db", allowed));
  log.Add(4, tcg::kEvEfiBootServicesApplication, Filler("device path", 32), AsBytes("boot loader"));
  const std::string command = "kernel_cmdline: " + order.boot.command_line;
  log.Add(8, tcg::kEvIpl, AsBytes(command), AsBytes(order.boot.command_line));
  // The fault: the log keeps the digest of what was measured and says something else.
  const std::string_view action = "Exit Boot Services Invocation";
  log.Add(5, tcg::kEvEfiAction,
          AsBytes(order.fault == "event_log.digests" ? "Exit Boot Services Returned  " : action),
          AsBytes(action));
}

void AppendSipa(std::uint32_t id, View data, Bytes& out) {
  AppendLe(out, id, 4);
  AppendLe(out, data.size(), 4);
  Append(out, data);
}

// What Windows states of its start, in one trust boundary, and the separators it ends with.
void AddWindows(LogWriter& log, const Order& order) {
  if (order.boot.windows_authority.empty()) return;
  const auto flag = [](bool set) { return Bytes{set ? std::byte{1} : std::byte{0}}; };
  Bytes events;
  AppendSipa(0x00050002, flag(true), events);                             // code integrity
  AppendSipa(0x00040001, flag(false), events);                            // boot debugging
  AppendSipa(0x00050001, flag(false), events);                            // kernel debugging
  AppendSipa(0x00050003, flag(order.fault == "vbs.boot_state"), events);  // test signing
  AppendSipa(0x00050005, flag(false), events);                            // safe mode
  AppendSipa(0x00050006, flag(false), events);                            // WinPE
  AppendSipa(0x000A0001, flag(true), events);                             // VSM is demanded
  if (order.fault != "vbs.identity_key") {
    AppendSipa(0x00050023, order.boot.identity_key, events);
  }
  Bytes boundary;
  AppendSipa(0x40010001, events, boundary);
  log.Add(12, tcg::kEvEventTag, boundary);
  for (const unsigned pcr : {12U, 13U, 14U}) log.Add(pcr, tcg::kEvSeparator, Bytes(4));
}

Bytes ImaTemplate(std::string_view path, std::string_view content) {
  Bytes digest = ToBytes(AsBytes(std::string_view("sha256:\0", 8)));
  Append(digest, Sha256(AsBytes(content)));
  Bytes out;
  AppendLe(out, digest.size(), 4);
  Append(out, digest);
  AppendLe(out, path.size() + 1, 4);
  Append(out, AsBytes(path));
  out.push_back(std::byte{0});
  return out;
}

std::vector<Bytes> MeasureFiles(const TpmBoot& boot, Bytes& pcr) {
  std::vector<Bytes> out;
  for (const auto& [path, content] : boot.files) {
    const Bytes data = ImaTemplate(path, content);
    Bytes entry;
    AppendLe(entry, tpm::kImaPcr, 4);
    Append(entry, Sha1(data));
    AppendLe(entry, 6, 4);
    Append(entry, AsBytes("ima-ng"));
    AppendLe(entry, data.size(), 4);
    Append(entry, data);
    out.push_back(std::move(entry));
    tcg::Extend(kBank, tcg::Hash(kBank, data), pcr);
  }
  return out;
}

}  // namespace

Bytes ImaListOf(const TpmLogs& logs, std::size_t from) {
  Bytes out;
  for (std::size_t i = from; i < logs.ima_entries.size(); ++i) Append(out, logs.ima_entries[i]);
  return out;
}

TpmLogs MakeTpmLogs(const Order& order) {
  LogWriter log;
  AddStartupLocality(log);
  if (order.fault == "event_log.replayable") AddStartupLocality(log);
  log.Add(0, tcg::kEvSCrtmVersion, "Assay simulated firmware");
  AddSecureBoot(log, order);
  AddBoot(log, order);
  AddWindows(log, order);
  TpmLogs out;
  out.ima_entries = MeasureFiles(order.boot, log.pcrs()[tpm::kImaPcr]);
  // The faults: something more was measured than the logs tell.
  if (order.fault == "event_log.replay") tcg::Extend(kBank, Filler("more", 32), log.pcrs()[2]);
  if (order.fault == "ima.replay") {
    tcg::Extend(kBank, Filler("more", 32), log.pcrs()[tpm::kImaPcr]);
  }
  out.pcrs = log.pcrs();
  out.event_log = log.TakeLog();
  return out;
}

}  // namespace assay::simulate

#include "agent/setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "crypto/secret.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

// Azure's vTPM: the attestation key of the VM and its certificate.
constexpr std::uint32_t kAzureAkHandle = 0x81000003;
constexpr std::uint32_t kAzureAkCertificate = 0x01C101D0;

// TPM 2.0 Part 2, 7.2: the first byte tells what a handle is of.
constexpr std::uint32_t kPersistent = 0x81, kNvIndex = 0x01;

Result<std::optional<std::uint32_t>> HandleOf(const std::string& text, std::string_view option,
                                              std::uint32_t kind) {
  if (text.empty()) return std::optional<std::uint32_t>();
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  std::uint32_t out = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, out, 16);
  if (error != std::errc() || stop != end || out >> 24U != kind) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: expected a handle 0x{:02x}......, found {}", option, kind, text));
  }
  return std::optional<std::uint32_t>(out);
}

// A token as a file has it, often with a newline behind it.
Result<std::string> ReadBearer(const std::string& path) {
  if (path.empty()) return std::string();
  Bytes content = TRY(ReadFile(path, limits::kAgentSmallFileBytes));
  std::string out(AsText(content));
  Cleanse(content);
  while (!out.empty() && static_cast<unsigned char>(out.back()) <= ' ') out.pop_back();
  const bool good = !out.empty() && std::all_of(out.begin(), out.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7F;
  });
  if (good) return out;
  return Fail(ErrorCode::kInvalidArgument, path + ": expected one bearer token on one line");
}

bool IsProviderName(std::string_view name) {
  return name.size() <= limits::kProviderNameBytes &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

}  // namespace

Result<Service> ServiceOf(const Options& options) {
  ServiceOptions out;
  out.url = TRY(ParseHttpsUrl(options.server));
  if (!IsProviderName(options.provider)) {
    return Fail(ErrorCode::kInvalidArgument, "--provider: not the name of a provider");
  }
  out.provider = options.provider;
  out.bearer = TRY(ReadBearer(options.token_file));
  out.client.ca_file = options.ca_file;
  return Service(std::move(out));
}

Result<KeyOptions> KeysOf(const Options& options) {
  KeyOptions out;
  out.ak_handle = TRY(HandleOf(options.ak_handle, "--ak-handle", kPersistent));
  out.ak_certificate_index = TRY(HandleOf(options.ak_certificate_index, "--ak-cert-nv", kNvIndex));
  out.idevid_certificate_index =
      TRY(HandleOf(options.idevid_certificate_index, "--idevid-cert-nv", kNvIndex));
  if (options.kind == "azure" && !out.ak_handle && !out.ak_certificate_index) {
    out.ak_handle = kAzureAkHandle;
    out.ak_certificate_index = kAzureAkCertificate;
  }
  if (out.ak_certificate_index && !out.ak_handle) {
    return Fail(ErrorCode::kInvalidArgument, "--ak-cert-nv without --ak-handle",
                "a certificate in the TPM is for a key that is kept in it: give its handle, too");
  }
  return out;
}

LogPaths LogsOf(const Options& options) { return {options.event_log, options.ima_log}; }

}  // namespace assay::agent

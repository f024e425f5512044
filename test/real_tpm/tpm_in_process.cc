#include "real_tpm/tpm_in_process.h"

#include <fmt/format.h>
#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_memory.h>

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

#include "base/reader.h"

namespace assay::testing {
namespace {

constexpr std::uint16_t kNoSessions = 0x8001, kSessions = 0x8002;  // TPM_ST, Part 2 6.9

// What the TPM keeps when it is off; libtpms calls without a context, so it stands alone.
std::map<std::string, Bytes>& Flash() {
  static std::map<std::string, Bytes> flash;
  return flash;
}

TPM_RESULT Load(unsigned char** data, std::uint32_t* size, std::uint32_t, const char* name) {
  const auto found = Flash().find(name);
  if (found == Flash().end()) return TPM_RETRY;
  if (TPM_Malloc(data, static_cast<std::uint32_t>(found->second.size())) != TPM_SUCCESS) {
    return TPM_FAIL;
  }
  *size = static_cast<std::uint32_t>(found->second.size());
  std::copy(found->second.begin(), found->second.end(), reinterpret_cast<std::byte*>(*data));
  return TPM_SUCCESS;
}

TPM_RESULT Save(const unsigned char* data, std::uint32_t size, std::uint32_t, const char* name) {
  Flash()[name] = ToBytes(std::as_bytes(std::span(data, size)));
  return TPM_SUCCESS;
}

TPM_RESULT Delete(std::uint32_t, const char* name, TPM_BOOL) {
  Flash().erase(name);
  return TPM_SUCCESS;
}

TPM_RESULT Nothing() { return TPM_SUCCESS; }

void Put(Bytes& out, std::uint64_t value, unsigned size) {
  for (unsigned i = size; i > 0; --i) {
    out.push_back(static_cast<std::byte>(value >> (8U * (i - 1U)) & 0xFFU));
  }
}

Bytes Command(std::uint16_t tag, std::uint32_t code, View rest) {
  Bytes out;
  Put(out, tag, 2);
  Put(out, static_cast<std::uint32_t>(rest.size() + 10), 4);
  Put(out, code, 4);
  Append(out, rest);
  return out;
}

// The authorisation area: so many empty passwords (TPM_RS_PW).
void PutPasswords(Bytes& out, unsigned count) {
  Put(out, 9 * count, 4);
  for (unsigned i = 0; i < count; ++i) {
    Put(out, 0x40000009, 4);
    Put(out, 0, 2 + 1 + 2);
  }
}

Result<Bytes> Sized(Reader& in) {
  const std::uint16_t size = TRY(in.U16Be("size"));
  return ToBytes(TRY(in.Take(size, "bytes")));
}

Result<TpmObject> ReadObject(View response) {
  Reader in(response, "TPM2_CreatePrimary");
  TpmObject out;
  out.handle = TRY(in.U32Be("handle"));
  TRY(in.U32Be("size of the parameters"));
  out.public_area = TRY(Sized(in));
  return out;
}

Result<Bytes> ReadSecret(View response) {
  Reader in(response, "TPM2_ActivateCredential");
  TRY(in.U32Be("size of the parameters"));
  return Sized(in);
}

Result<TpmInProcess::SignedQuote> ReadQuote(View response) {
  Reader in(response, "TPM2_Quote");
  const std::uint32_t size = TRY(in.U32Be("size of the parameters"));
  Reader parameters(TRY(in.Take(size, "parameters")), "TPM2_Quote");
  TpmInProcess::SignedQuote out;
  out.message = TRY(Sized(parameters));
  out.signature = ToBytes(parameters.rest());
  return out;
}

}  // namespace

TpmInProcess::TpmInProcess() {
  Flash().clear();
  libtpms_callbacks callbacks{};
  callbacks.sizeOfStruct = sizeof callbacks;
  callbacks.tpm_nvram_init = Nothing;
  callbacks.tpm_nvram_loaddata = Load;
  callbacks.tpm_nvram_storedata = Save;
  callbacks.tpm_nvram_deletename = Delete;
  callbacks.tpm_io_init = Nothing;
  if (TPMLIB_ChooseTPMVersion(TPMLIB_TPM_VERSION_2) != TPM_SUCCESS ||
      TPMLIB_RegisterCallbacks(&callbacks) != TPM_SUCCESS || TPMLIB_MainInit() != TPM_SUCCESS) {
    throw std::runtime_error("libtpms does not start");
  }
  Bytes clear;
  Put(clear, 0, 2);  // TPM_SU_CLEAR
  if (!Run(Command(kNoSessions, 0x144, clear))) throw std::runtime_error("TPM2_Startup failed");
}

TpmInProcess::~TpmInProcess() { TPMLIB_Terminate(); }

Result<Bytes> TpmInProcess::Run(View command, unsigned tries) {
  constexpr std::uint32_t kRetry = 0x922;
  unsigned char* raw = nullptr;
  std::uint32_t size = 0, capacity = 0;
  Bytes copy = ToBytes(command);
  const TPM_RESULT result =
      TPMLIB_Process(&raw, &size, &capacity, reinterpret_cast<unsigned char*>(copy.data()),
                     static_cast<std::uint32_t>(copy.size()));
  const Bytes response = raw == nullptr ? Bytes() : ToBytes(std::as_bytes(std::span(raw, size)));
  std::free(raw);
  if (result != TPM_SUCCESS) return Fail(ErrorCode::kInternal, "libtpms failed");
  Reader in(response, "TPM response");
  TRY(in.Take(6, "tag and size"));
  const std::uint32_t code = TRY(in.U32Be("response code"));
  if (code == kRetry && tries > 1) return Run(command, tries - 1);
  if (code != 0) return Fail(ErrorCode::kInvalidArgument, fmt::format("TPM: 0x{:x}", code));
  return ToBytes(in.rest());
}

TpmObject TpmInProcess::CreatePrimary(View public_template) {
  Bytes rest;
  Put(rest, 0x4000000B, 4);  // TPM_RH_ENDORSEMENT
  PutPasswords(rest, 1);
  Put(rest, 4, 2);  // TPM2B_SENSITIVE_CREATE: no password, no data
  Put(rest, 0, 4);
  Put(rest, static_cast<std::uint32_t>(public_template.size()), 2);
  Append(rest, public_template);
  Put(rest, 0, 2);  // outsideInfo
  Put(rest, 0, 4);  // creationPCR
  const Bytes response = Run(Command(kSessions, 0x131, rest)).value();
  return ReadObject(response).value();
}

Result<Bytes> TpmInProcess::Activate(const TpmObject& attestation_key,
                                     const TpmObject& endorsement_key,
                                     const tpm::Credential& credential) {
  Bytes rest;
  Put(rest, attestation_key.handle, 4);
  Put(rest, endorsement_key.handle, 4);
  PutPasswords(rest, 2);
  Append(rest, credential.blob);
  Append(rest, credential.encrypted_secret);
  return ReadSecret(TRY(Run(Command(kSessions, 0x147, rest))));
}

TpmInProcess::SignedQuote TpmInProcess::Quote(const TpmObject& attestation_key, View nonce) {
  Bytes rest;
  Put(rest, attestation_key.handle, 4);
  PutPasswords(rest, 1);
  Put(rest, static_cast<std::uint32_t>(nonce.size()), 2);
  Append(rest, nonce);
  Put(rest, 0x0010, 2);  // the scheme of the key
  Put(rest, 1, 4);
  Put(rest, 0x000B, 2);
  Put(rest, 0x03FF7F00, 4);  // three bytes of selection: PCR 0 to 14
  const Bytes response = Run(Command(kSessions, 0x158, rest)).value();
  return ReadQuote(response).value();
}

}  // namespace assay::testing

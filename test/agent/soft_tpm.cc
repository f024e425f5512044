#include "agent/soft_tpm.h"

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_nvfilename.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tpm2/tpm.h"
#include "tpm2/tss.h"

namespace assay {
namespace {

using Octets = std::vector<unsigned char>;

// libtpms itself has one TPM per process and no user data in its callbacks.
std::map<std::string, Octets>& Storage() {
  static std::map<std::string, Octets> storage;
  return storage;
}

TPM_RESULT Nothing() { return TPM_SUCCESS; }

TPM_RESULT Load(unsigned char** data, std::uint32_t* length, std::uint32_t, const char* name) {
  const auto found = Storage().find(name);
  if (found == Storage().end()) return TPM_RETRY;
  *length = static_cast<std::uint32_t>(found->second.size());
  *data = static_cast<unsigned char*>(std::malloc(found->second.size()));
  std::memcpy(*data, found->second.data(), found->second.size());
  return TPM_SUCCESS;
}

TPM_RESULT Store(const unsigned char* data, std::uint32_t length, std::uint32_t, const char* name) {
  Storage()[name] = Octets(data, data + length);
  return TPM_SUCCESS;
}

TPM_RESULT Delete(std::uint32_t, const char* name, TPM_BOOL) {
  Storage().erase(name);
  return TPM_SUCCESS;
}

TPM_RESULT Locality(TPM_MODIFIER_INDICATOR* locality, std::uint32_t) {
  *locality = 0;
  return TPM_SUCCESS;
}

TPM_RESULT Presence(TPM_BOOL* present, std::uint32_t) {
  *present = 0;
  return TPM_SUCCESS;
}

struct Transport {
  TSS2_TCTI_CONTEXT_COMMON_V2 common{};
  unsigned char* response = nullptr;  // of libtpms, grown and reused
  std::uint32_t size = 0, capacity = 0;
};

Transport& TheTransport() {
  static Transport transport;
  return transport;
}

TSS2_RC Transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* command) {
  auto& transport = *reinterpret_cast<Transport*>(context);
  Octets copy(command, command + size);
  const TPM_RESULT result =
      TPMLIB_Process(&transport.response, &transport.size, &transport.capacity, copy.data(),
                     static_cast<std::uint32_t>(copy.size()));
  return result == TPM_SUCCESS ? TSS2_RC_SUCCESS : TSS2_TCTI_RC_IO_ERROR;
}

TSS2_RC Receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* response,
                std::int32_t) {
  const auto& transport = *reinterpret_cast<Transport*>(context);
  if (response != nullptr) {
    if (*size < transport.size) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    std::memcpy(response, transport.response, transport.size);
  }
  *size = transport.size;
  return TSS2_RC_SUCCESS;
}

void PowerOn() {
  libtpms_callbacks callbacks{};
  callbacks.sizeOfStruct = sizeof callbacks;
  callbacks.tpm_nvram_init = Nothing;
  callbacks.tpm_nvram_loaddata = Load;
  callbacks.tpm_nvram_storedata = Store;
  callbacks.tpm_nvram_deletename = Delete;
  callbacks.tpm_io_init = Nothing;
  callbacks.tpm_io_getlocality = Locality;
  callbacks.tpm_io_getphysicalpresence = Presence;
  if (TPMLIB_RegisterCallbacks(&callbacks) != TPM_SUCCESS ||
      TPMLIB_ChooseTPMVersion(TPMLIB_TPM_VERSION_2) != TPM_SUCCESS ||
      TPMLIB_MainInit() != TPM_SUCCESS) {
    throw std::runtime_error("libtpms cannot be started");
  }
  tpm2::Tpm tpm = tpm2::Tpm::Over(reinterpret_cast<TSS2_TCTI_CONTEXT*>(&TheTransport())).value();
  if (Esys_Startup(tpm.raw(), TPM2_SU_CLEAR) != TSS2_RC_SUCCESS) {
    throw std::runtime_error("TPM2_Startup failed");
  }
}

}  // namespace

SoftTpm::SoftTpm() {
  Storage().clear();
  auto& v1 = TheTransport().common.v1;
  v1.magic = 1;
  v1.version = 2;
  v1.transmit = Transmit;
  v1.receive = Receive;
  v1.finalize = [](TSS2_TCTI_CONTEXT*) {};
  v1.cancel = [](TSS2_TCTI_CONTEXT*) -> TSS2_RC { return TSS2_TCTI_RC_NOT_IMPLEMENTED; };
  v1.getPollHandles = [](TSS2_TCTI_CONTEXT*, TSS2_TCTI_POLL_HANDLE*, std::size_t*) -> TSS2_RC {
    return TSS2_TCTI_RC_NOT_IMPLEMENTED;
  };
  v1.setLocality = [](TSS2_TCTI_CONTEXT*, std::uint8_t) -> TSS2_RC { return TSS2_RC_SUCCESS; };
  PowerOn();
}

SoftTpm::~SoftTpm() { TPMLIB_Terminate(); }

TSS2_TCTI_CONTEXT* SoftTpm::transport() {
  return reinterpret_cast<TSS2_TCTI_CONTEXT*>(&TheTransport());
}

void SoftTpm::Reboot() {
  TPMLIB_Terminate();
  PowerOn();
}

void SoftTpm::Replace() {
  TPMLIB_Terminate();
  Storage().clear();
  PowerOn();
}

}  // namespace assay

#include "tpm2/tpm.h"

#include <fmt/format.h>
#include <tss2/tss2_tcti_device.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>

#include "base/limits.h"
#include "tee/tcg/replay.h"
#include "tpm2/tss.h"

namespace assay::tpm2 {
namespace {

constexpr std::string_view kDevicePrefix = "device:";

void CloseDevice(TSS2_TCTI_CONTEXT* transport) {
  Tss2_Tcti_Finalize(transport);
  std::free(transport);
}

void CloseLoaded(TSS2_TCTI_CONTEXT* transport) { Tss2_TctiLdr_Finalize(&transport); }

void LeaveOpen(TSS2_TCTI_CONTEXT*) {}

Result<ESYS_CONTEXT*> MakeContext(TSS2_TCTI_CONTEXT* transport) {
  ESYS_CONTEXT* context = nullptr;
  TRY_VOID(Succeeded(Esys_Initialize(&context, transport, nullptr), "ESYS context"));
  return context;
}

Result<EsysPtr<TPMS_CAPABILITY_DATA>> Capability(ESYS_CONTEXT* context, TPM2_CAP capability,
                                                 std::uint32_t first, std::uint32_t count) {
  TPMI_YES_NO more = TPM2_NO;
  TPMS_CAPABILITY_DATA* data = nullptr;
  TRY_VOID(Succeeded(Esys_GetCapability(context, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        capability, first, count, &more, &data),
                     "TPM2_GetCapability"));
  return EsysPtr<TPMS_CAPABILITY_DATA>(data);
}

// How much one TPM2_NV_Read may ask for.
Result<std::uint16_t> NvBufferSize(ESYS_CONTEXT* context) {
  constexpr std::uint16_t kAlwaysFits = 512;
  const auto data = TRY(Capability(context, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_NV_BUFFER_MAX, 1));
  const TPML_TAGGED_TPM_PROPERTY& list = data->data.tpmProperties;
  if (list.count == 0 || list.tpmProperty[0].property != TPM2_PT_NV_BUFFER_MAX) return kAlwaysFits;
  const std::uint32_t most =
      std::min<std::uint32_t>(list.tpmProperty[0].value, TPM2_MAX_NV_BUFFER_SIZE);
  return most == 0 ? kAlwaysFits : static_cast<std::uint16_t>(most);
}

// An object that ESAPI keeps for a TPM handle; closing it leaves the TPM's as it is.
class EsysHandle {
 public:
  EsysHandle(ESYS_CONTEXT* context, ESYS_TR handle) : context_(context), handle_(handle) {}
  ~EsysHandle() { Esys_TR_Close(context_, &handle_); }
  EsysHandle(const EsysHandle&) = delete;
  EsysHandle& operator=(const EsysHandle&) = delete;
  ESYS_TR get() const { return handle_; }

 private:
  ESYS_CONTEXT* context_;
  ESYS_TR handle_;
};

Result<Bytes> ReadWhole(ESYS_CONTEXT* context, ESYS_TR index, const TPMS_NV_PUBLIC& area) {
  if (area.dataSize > limits::kNvIndexBytes) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("NV index 0x{:08x} has {} bytes, more than {}", area.nvIndex,
                            area.dataSize, limits::kNvIndexBytes));
  }
  // By its own authorisation where it has one, else by the owner's.
  const bool own = (area.attributes & TPMA_NV_AUTHREAD) != 0;
  const std::uint16_t most = TRY(NvBufferSize(context));
  Bytes out;
  while (out.size() < area.dataSize) {
    const auto offset = static_cast<std::uint16_t>(out.size());
    const auto want =
        std::min<std::uint16_t>(most, static_cast<std::uint16_t>(area.dataSize - offset));
    TPM2B_MAX_NV_BUFFER* part = nullptr;
    TRY_VOID(
        Succeeded(Esys_NV_Read(context, own ? index : ESYS_TR_RH_OWNER, index, ESYS_TR_PASSWORD,
                               ESYS_TR_NONE, ESYS_TR_NONE, want, offset, &part),
                  "TPM2_NV_Read"));
    const EsysPtr<TPM2B_MAX_NV_BUFFER> owned(part);
    if (owned->size == 0) return Fail(ErrorCode::kIo, "TPM: TPM2_NV_Read returned nothing");
    Append(out, Buffer(*owned));
  }
  return out;
}

}  // namespace

void Tpm::ContextDeleter::operator()(ESYS_CONTEXT* context) const { Esys_Finalize(&context); }

// The device's transport is linked, not loaded at run time: an initramfs made with ldd has it.
Result<Tpm::TransportPtr> Tpm::OpenDevice(const std::string& path) {
  std::size_t size = 0;
  TRY_VOID(Succeeded(Tss2_Tcti_Device_Init(nullptr, &size, nullptr), "device transport"));
  auto* const transport = static_cast<TSS2_TCTI_CONTEXT*>(std::calloc(1, size));
  if (transport == nullptr) return Fail(ErrorCode::kInternal, "out of memory");
  if (Tss2_Tcti_Device_Init(transport, &size, path.c_str()) == TSS2_RC_SUCCESS) {
    return TransportPtr(transport, CloseDevice);
  }
  std::free(transport);
  return Fail(ErrorCode::kIo, "cannot open the TPM at " + path,
              "is there a TPM, and may this user (root, or group tss) use it?");
}

Result<Tpm::TransportPtr> Tpm::OpenTransport(const std::string& tcti) {
  if (tcti.starts_with(kDevicePrefix)) return OpenDevice(tcti.substr(kDevicePrefix.size()));
  TSS2_TCTI_CONTEXT* transport = nullptr;
  if (Tss2_TctiLdr_Initialize(tcti.c_str(), &transport) == TSS2_RC_SUCCESS) {
    return TransportPtr(transport, CloseLoaded);
  }
  return Fail(ErrorCode::kIo, "cannot reach the TPM by " + tcti,
              "expected device:PATH or swtpm:host=ADDRESS,port=N, and a TPM there");
}

Result<Tpm> Tpm::Open(const std::string& tcti) {
  TransportPtr transport = TRY(OpenTransport(tcti));
  ESYS_CONTEXT* const context = TRY(MakeContext(transport.get()));
  return Tpm(std::move(transport), context);
}

Result<Tpm> Tpm::Over(TSS2_TCTI_OPAQUE_CONTEXT_BLOB* transport) {
  return Tpm(TransportPtr(transport, LeaveOpen), TRY(MakeContext(transport)));
}

Result<std::vector<std::uint32_t>> Tpm::Handles(std::uint32_t first, std::uint32_t count) {
  const auto data = TRY(Capability(raw(), TPM2_CAP_HANDLES, first, count));
  const TPML_HANDLE& list = data->data.handles;
  return std::vector<std::uint32_t>(list.handle, list.handle + list.count);
}

Result<bool> Tpm::HasHandle(std::uint32_t handle) {
  const std::vector<std::uint32_t> found = TRY(Handles(handle, 1));
  return !found.empty() && found.front() == handle;
}

Result<std::optional<Bytes>> Tpm::ReadNv(std::uint32_t index) {
  if (!TRY(HasHandle(index))) return std::optional<Bytes>();
  ESYS_TR handle = ESYS_TR_NONE;
  TRY_VOID(Succeeded(
      Esys_TR_FromTPMPublic(raw(), index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle),
      fmt::format("NV index 0x{:08x}", index)));
  const EsysHandle owned(raw(), handle);
  TPM2B_NV_PUBLIC* area = nullptr;
  TRY_VOID(Succeeded(Esys_NV_ReadPublic(raw(), owned.get(), ESYS_TR_NONE, ESYS_TR_NONE,
                                        ESYS_TR_NONE, &area, nullptr),
                     "TPM2_NV_ReadPublic"));
  const EsysPtr<TPM2B_NV_PUBLIC> owned_area(area);
  return std::optional<Bytes>(TRY(ReadWhole(raw(), owned.get(), owned_area->nvPublic)));
}

Result<std::map<std::uint32_t, Bytes>> Tpm::ReadPcrs(const std::vector<std::uint32_t>& pcrs) {
  std::map<std::uint32_t, Bytes> out;
  while (out.size() < pcrs.size()) {
    // The TPM returns at most eight digests at a time (Part 3, 22.4).
    std::vector<std::uint32_t> left;
    for (const std::uint32_t pcr : pcrs) {
      if (!out.contains(pcr)) left.push_back(pcr);
    }
    const TPML_PCR_SELECTION wanted = Sha256Pcrs(left);
    TPML_PCR_SELECTION* read = nullptr;
    TPML_DIGEST* values = nullptr;
    TRY_VOID(Succeeded(Esys_PCR_Read(raw(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &wanted,
                                     nullptr, &read, &values),
                       "TPM2_PCR_Read"));
    const EsysPtr<TPML_PCR_SELECTION> owned_read(read);
    const EsysPtr<TPML_DIGEST> owned_values(values);
    const TPMS_PCR_SELECTION& selected = read->pcrSelections[0];
    std::uint32_t next = 0;
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount && next < values->count; ++pcr) {
      if ((selected.pcrSelect[pcr / 8] >> (pcr % 8) & 1U) == 0) continue;
      out[pcr] = ToBytes(Buffer(values->digests[next++]));
    }
    if (next == 0) {
      return Fail(ErrorCode::kUnsupported, "TPM: it has no SHA-256 bank of PCRs",
                  "allocate one, for example with tpm2_pcrallocate sha256:all");
    }
  }
  return out;
}

}  // namespace assay::tpm2

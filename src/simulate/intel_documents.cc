// Intel PCS API v4: "Get TCB Info" and "Get Enclave Identity".
#include <fmt/format.h>

#include "base/encoding.h"
#include "simulate/intel.h"
#include "simulate/intel_values.h"

namespace assay::simulate {
namespace {

constexpr const char* kTcbDate = "2025-01-01T00:00:00Z";

json::Array Components(unsigned svn) {
  json::Array out;
  for (int i = 0; i < 16; ++i) out.emplace_back(json::Object{{"svn", svn}});
  return out;
}

json::Object IsvLevel(unsigned svn, const std::string& status) {
  return {{"tcb", json::Object{{"isvsvn", svn}}}, {"tcbDate", kTcbDate}, {"tcbStatus", status}};
}

json::Object PlatformLevel(int version, bool tdx, const Order& order) {
  json::Object tcb;
  if (version >= 3) {
    tcb.emplace_back("sgxtcbcomponents", Components(kComponentSvn));
  } else {
    for (int i = 1; i <= 16; ++i) {
      tcb.emplace_back(fmt::format("sgxtcbcomp{:02}svn", i), kComponentSvn);
    }
  }
  if (tdx) tcb.emplace_back("tdxtcbcomponents", Components(kTdxComponentSvn));
  tcb.emplace_back("pcesvn", order.fault == "tcb.level" ? kPceSvn + 1 : kPceSvn);
  json::Object level{{"tcb", std::move(tcb)}, {"tcbDate", kTcbDate}};
  // Version 1 had another name for it.
  level.emplace_back(version == 1 ? "status" : "tcbStatus",
                     order.fault == "tcb.status" ? "OutOfDate" : order.shape.tcb_status);
  return level;
}

json::Object Module() {
  return {{"mrsigner", HexEncode(Bytes(48))},
          {"attributes", HexEncode(Bytes(8))},
          {"attributesMask", HexEncode(Bytes(8, std::byte{0xFF}))}};
}

void AddDates(json::Object& out, Validity validity) {
  out.emplace_back("issueDate", FormatTime(validity.from));
  out.emplace_back("nextUpdate", FormatTime(validity.to));
}

json::Object TcbInfo(bool tdx, const Order& order, Validity validity) {
  const int version =
      order.fault == "tcb_info.version" ? 1 : static_cast<int>(order.shape.tcb_info_version);
  // The fault answers an SGX quote with TCB info for TDX; the other way round TDX levels lack, too.
  const bool tdx_document = tdx != (order.fault == "tcb_info.id");
  json::Object out;
  if (version >= 3) out.emplace_back("id", tdx_document ? "TDX" : "SGX");
  out.emplace_back("version", version);
  AddDates(out, validity);
  out.emplace_back("fmspc",
                   order.fault == "tcb_info.fmspc" ? std::string_view("00906ed50000") : kFmspc);
  out.emplace_back("pceId", order.fault == "tcb_info.pce_id" ? std::string_view("0001") : kPceId);
  if (version >= 2) {
    out.emplace_back("tcbType", 0);
    out.emplace_back("tcbEvaluationDataNumber", 18);
  }
  if (tdx_document) {
    out.emplace_back("tdxModule", Module());
    json::Object identity = Module();
    identity.insert(identity.begin(), {"id", "TDX_01"});
    const unsigned svn = order.fault == "tdx_module.level" ? kTdxModuleSvn + 1 : kTdxModuleSvn;
    json::Array levels = {IsvLevel(svn, order.shape.module_status)};
    // What the TD was launched under, one SVN below.
    if (order.shape.relaunch) levels.emplace_back(IsvLevel(svn - 1, "OutOfDate"));
    identity.emplace_back("tcbLevels", std::move(levels));
    out.emplace_back("tdxModuleIdentities", json::Array{std::move(identity)});
  }
  out.emplace_back("tcbLevels", json::Array{PlatformLevel(version, tdx_document, order)});
  return out;
}

json::Object QeIdentity(bool tdx, const Order& order, Validity validity) {
  const int version = order.fault == "qe_identity.version" ? 1 : 2;
  const bool wrong_id = order.fault == "qe_identity.id";
  json::Object out;
  if (version >= 2) out.emplace_back("id", tdx != wrong_id ? "TD_QE" : "QE");
  out.emplace_back("version", version);
  AddDates(out, validity);
  if (version >= 2) out.emplace_back("tcbEvaluationDataNumber", 18);
  out.emplace_back("miscselect", "00000000");
  out.emplace_back("miscselectMask", "ffffffff");
  out.emplace_back("attributes", "11000000000000000000000000000000");
  out.emplace_back("attributesMask", "fbffffffffffffff0000000000000000");
  out.emplace_back("mrsigner", HexEncode(Filler(kQeSigner, 32)));
  out.emplace_back("isvprodid", kQeIsvProdId);
  const unsigned svn = order.fault == "qe.level" ? kQeIsvSvn + 1 : kQeIsvSvn;
  if (version >= 2) {
    out.emplace_back("tcbLevels", json::Array{IsvLevel(svn, order.shape.qe_status)});
  } else {
    out.emplace_back("isvsvn", svn);
  }
  return out;
}

// The signature is over the exact bytes of the inner object.
Result<std::string> Sign(std::string_view name, const json::Object& body, const VendorKey& key) {
  const std::string text = json::Write(body);
  const Bytes signature = TRY(key.SignEcdsa(AsBytes(text)));
  return fmt::format(R"({{"{}":{},"signature":"{}"}})", name, text, HexEncode(signature));
}

}  // namespace

Result<void> AddIntelDocuments(const IntelKeys& keys, bool tdx, const Order& order,
                               Simulation& out) {
  const auto key = [&](std::string_view document) -> const VendorKey& {
    // A wrong signer is one whose certificate nobody issued: the key of that certificate signs.
    const bool wrong_signer = order.fault == fmt::format("{}.signer", document);
    // A wrong signature is by a key without any certificate.
    const bool wrong_signature = order.fault == fmt::format("{}.signature", document);
    return wrong_signer ? keys.rogue : wrong_signature ? keys.attestation : keys.tcb_signer;
  };
  const Validity info = Around(20, order.fault == "tcb_info.dates");
  const Validity identity = Around(15, order.fault == "qe_identity.dates");
  out.validity["tcb_info.dates"] = info;
  out.validity["qe_identity.dates"] = identity;
  if (order.fault != "tcb_info.present") {
    AddDocument(out, "tcb_info.json",
                TRY(Sign("tcbInfo", TcbInfo(tdx, order, info), key("tcb_info"))));
  }
  if (order.fault != "qe_identity.present") {
    AddDocument(out, "qe_identity.json",
                TRY(Sign("enclaveIdentity", QeIdentity(tdx, order, identity), key("qe_identity"))));
  }
  return {};
}

}  // namespace assay::simulate

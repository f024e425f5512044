#include "tee/dcap/signed_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace assay::dcap {

namespace {

std::string Span(Time from, Time to) {
  return fmt::format("{} to {}", FormatTime(from), FormatTime(to));
}

}  // namespace

Result<SignedDocument> ParseSignedDocument(const JsonDocument& document) {
  const json::Value root = TRY(json::Parse(document.text));
  SignedDocument out;
  out.digest = document.digest;
  const Bytes signature = TRY(ParseHexMember(root, "signature", 64, "signed document"));
  std::copy(signature.begin(), signature.end(), out.signature.begin());
  for (const std::string_view key : {"tcbInfo", "enclaveIdentity", "qeIdentity"}) {
    const json::Value* body = root.Find(key);
    if (body == nullptr) continue;
    out.body_digest = Sha256(AsBytes(TRY(json::RawMember(document.text, key))));
    if (key == "tcbInfo") {
      out.tcb_info = TRY(ParseTcbInfo(*body));
      out.validity = Span(out.tcb_info->issue_date, out.tcb_info->next_update);
    } else {
      out.qe_identity = TRY(ParseQeIdentity(*body));
      out.validity = Span(out.qe_identity->issue_date, out.qe_identity->next_update);
    }
    return out;
  }
  return Fail(ErrorCode::kMalformed,
              "signed document: expected tcbInfo or enclaveIdentity beside the signature");
}

}  // namespace assay::dcap

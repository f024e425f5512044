#include "collateral/recognise.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "collateral/oe_endorsements.h"

namespace assay {
namespace {

constexpr int kMaxNesting = 2;
// A folder for a whole fleet has one certificate for each machine; far beyond that is an accident.
constexpr std::size_t kMaxItems = 50000;
constexpr std::string_view kWhite = " \t\r\n";

tl::unexpected<Error> NotCollateral(std::string_view why) {
  return Fail(ErrorCode::kUnsupported, std::string(why));
}

View WithoutTrailingZeros(View bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

// Binary evidence may hold PEM in its middle (an SGX quote does) and is no collateral for that.
bool IsText(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string WithoutWhite(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (kWhite.find(c) == std::string_view::npos) out.push_back(c);
  }
  return out;
}

// RFC 3986 §2.1. A plus sign stays one: Intel escapes blanks as %20, and base64 may hold a plus.
std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto byte = HexDecode(text.substr(i + 1, 2))) {
        out.push_back(static_cast<char>((*byte)[0]));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

bool IsDocument(const json::Value& object) {
  const json::Value* signature = object.Find("signature");
  if (signature == nullptr || signature->AsString() == nullptr) return false;
  return std::ranges::any_of(std::array{"tcbInfo", "enclaveIdentity", "qeIdentity"},
                             [&](const char* key) {
                               const json::Value* body = object.Find(key);
                               return body != nullptr && body->AsObject() != nullptr;
                             });
}

}  // namespace

Recogniser::Recogniser(Collateral& out, CrlDer* crl_der) : out_(out), crl_der_(crl_der) {
  for (const auto& certificate : out.certificates) seen_.insert(certificate->digest());
  for (const auto& crl : out.crls) seen_.insert(crl->digest());
  for (const auto& document : out.documents) seen_.insert(document->digest);
}

Result<void> Recogniser::CheckRoom() const {
  if (seen_.size() < kMaxItems) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("more than {} pieces of collateral", kMaxItems));
}

void Recogniser::Keep(CertificatePtr certificate) {
  ++recognised_;
  if (seen_.insert(certificate->digest()).second)
    out_.certificates.push_back(std::move(certificate));
}

void Recogniser::Keep(CrlPtr crl, View der) {
  ++recognised_;
  if (crl_der_ != nullptr) crl_der_->try_emplace(crl->digest(), ToBytes(der));
  if (seen_.insert(crl->digest()).second) out_.crls.push_back(std::move(crl));
}

Result<void> Recogniser::AddCertificateDer(View der) {
  TRY_VOID(CheckRoom());
  Keep(TRY(Certificate::FromDer(der)));
  return {};
}

Result<void> Recogniser::AddCrlDer(View der) {
  TRY_VOID(CheckRoom());
  Keep(TRY(Crl::FromDer(der)), der);
  return {};
}

Result<void> Recogniser::AddDocument(std::string_view text) {
  TRY_VOID(CheckRoom());
  ++recognised_;
  const Sha256Digest digest = Sha256(AsBytes(text));
  if (seen_.insert(digest).second) {
    out_.documents.push_back(
        std::make_shared<const JsonDocument>(JsonDocument{std::string(text), digest}));
  }
  return {};
}

Result<void> Recogniser::AddDer(View der) {
  TRY_VOID(CheckRoom());
  if (auto crl = Crl::FromDer(der)) {
    Keep(std::move(*crl), der);
    return {};
  }
  auto run = CertificatesFromDerRun(der);
  if (!run || run->empty()) return NotCollateral("neither DER certificates nor a DER CRL");
  for (auto& certificate : *run) Keep(std::move(certificate));
  return {};
}

Result<void> Recogniser::AddContent(View content, int nesting) {
  // 0x30 is a SEQUENCE, but also the digit zero: hexadecimal text of DER begins with it as well.
  if (!content.empty() && content[0] == std::byte{0x30}) {
    if (AddDer(content)) return {};
  }
  const std::string_view text = AsText(WithoutTrailingZeros(content));
  if (IsText(text)) return AddText(Trim(text), nesting);
  if (nesting < kMaxNesting && LooksLikeOeEndorsements(content)) return AddOe(content, nesting);
  return NotCollateral("unknown binary content");
}

Result<void> Recogniser::AddText(std::string_view text, int nesting) {
  if (text.empty()) return NotCollateral("empty");
  if (text.front() == '{' || text.front() == '[') return AddJson(text, nesting);
  if (text.find("-----BEGIN ") != std::string_view::npos) return AddPem(text);
  if (text.find("BEGIN%20") != std::string_view::npos) return AddPem(PercentDecode(text));
  return AddEncodedDer(text);
}

// All blocks are read before any is kept: a half-added chain would be worse than none.
Result<void> Recogniser::AddPem(std::string_view text) {
  TRY_VOID(CheckRoom());
  std::vector<CertificatePtr> certificates;
  for (const Bytes& der : TRY(PemBlocks(text, "CERTIFICATE"))) {
    certificates.push_back(TRY(Certificate::FromDer(der)));
  }
  const std::vector<Bytes> crl_ders = TRY(PemBlocks(text, "X509 CRL"));
  std::vector<CrlPtr> crls;
  for (const Bytes& der : crl_ders) crls.push_back(TRY(Crl::FromDer(der)));
  if (certificates.empty() && crls.empty()) return NotCollateral("PEM of another kind");
  for (auto& certificate : certificates) Keep(std::move(certificate));
  for (std::size_t i = 0; i < crls.size(); ++i) Keep(std::move(crls[i]), crl_ders[i]);
  return {};
}

Result<void> Recogniser::AddEncodedDer(std::string_view text) {
  // "30" and "MI" are how every DER certificate and CRL begins; other text is not even decoded.
  if (!text.starts_with("30") && !text.starts_with("M")) return NotCollateral("unknown text");
  const std::string compact = WithoutWhite(text);
  const auto der = text.starts_with("30") ? HexDecode(compact) : Base64Decode(compact);
  if (!der) return NotCollateral("unknown text");
  return AddDer(*der);
}

Result<void> Recogniser::AddOe(View blob, int nesting) {
  const std::size_t before = recognised_;
  broken_.clear();
  for (const Bytes& item : TRY(ParseOeEndorsements(blob))) {
    if (item.empty()) continue;
    const auto added = AddContent(item, nesting + 1);
    if (!added && added.error().code != ErrorCode::kUnsupported) return added;
  }
  if (recognised_ == before) return NotCollateral("OE endorsements without collateral");
  return {};
}

Result<void> Recogniser::AddJson(std::string_view text, int nesting) {
  const auto value = json::Parse(text);
  if (!value) return NotCollateral(value.error().message);
  if (IsDocument(*value)) return AddDocument(text);
  if (nesting >= kMaxNesting) return NotCollateral("JSON nested too deep");
  const std::size_t before = recognised_;
  if (nesting == 0) broken_.clear();
  if (value->AsObject() != nullptr) {
    AddObject(*value, text, nesting);
  } else {
    AddMember(*value, nesting);
  }
  if (!broken_.empty() && nesting == 0) return tl::unexpected(broken_.front());
  if (recognised_ == before) return NotCollateral("JSON without collateral");
  return {};
}

void Recogniser::AddObject(const json::Value& object, std::string_view text, int nesting) {
  AddSplitDocuments(object);
  for (const auto& [key, value] : *object.AsObject()) {
    if (value.AsObject() == nullptr) {
      AddMember(value, nesting);
      continue;
    }
    // The exact text, which the parsed form no longer has, matters only for what is signed. An
    // object below an array has none (text is empty): Intel's own bundles keep documents there as
    // strings.
    const auto raw = text.empty() ? Result<std::string>(std::string()) : json::RawMember(text, key);
    if (!raw) continue;
    if (IsDocument(value) && !raw->empty()) {
      if (auto added = AddDocument(*raw); !added) broken_.push_back(added.error());
    } else {
      AddObject(value, *raw, nesting);
    }
  }
}

void Recogniser::AddMember(const json::Value& value, int nesting) {
  if (const json::Array* array = value.AsArray()) {
    for (const json::Value& element : *array) AddMember(element, nesting);
  } else if (value.AsObject() != nullptr) {
    AddObject(value, {}, nesting);
  } else if (const std::string* text = value.AsString()) {
    auto added = AddText(Trim(AsText(WithoutTrailingZeros(AsBytes(*text)))), nesting + 1);
    if (!added && added.error().code != ErrorCode::kUnsupported) {
      broken_.push_back(std::move(added.error()));
    }
  }
}

// Several clients keep the signed object and its signature as two strings. What the signature
// covers is the string, so it is put back unchanged where Intel's own answer has it.
void Recogniser::AddSplitDocuments(const json::Value& object) {
  constexpr std::array<std::array<std::string_view, 3>, 2> kPairs{{
      {"tcb_info", "tcb_info_signature", "tcbInfo"},
      {"qe_identity", "qe_identity_signature", "enclaveIdentity"},
  }};
  for (const auto& [body_key, signature_key, name] : kPairs) {
    const json::Value* body = object.Find(body_key);
    const json::Value* signature = object.Find(signature_key);
    if (body == nullptr || signature == nullptr) continue;
    if (body->AsString() == nullptr || signature->AsString() == nullptr) continue;
    if (!HexDecode(*signature->AsString())) continue;
    const std::string text = fmt::format("{{\"{}\":{},\"signature\":\"{}\"}}", name,
                                         *body->AsString(), *signature->AsString());
    const auto parsed = json::Parse(text);
    if (!parsed || !IsDocument(*parsed)) continue;
    if (auto added = AddDocument(text); !added) broken_.push_back(added.error());
  }
}

}  // namespace assay

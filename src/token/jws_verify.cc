#include "token/jws_verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay {
namespace {

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, "JWS: " + message);
}

Result<Bytes> DecodePart(std::string_view text, std::string_view part) {
  // Base64UrlDecode takes padding; a JWS has none (RFC 7515 §2).
  if (text.find('=') != std::string_view::npos) {
    return Malformed(fmt::format("the {} has padding", part));
  }
  Result<Bytes> out = Base64UrlDecode(text);
  if (!out) return Malformed(fmt::format("the {} is no base64url", part));
  return out;
}

struct Parts {
  std::string_view header, payload, signature, signed_part;
};

Result<Parts> Split(std::string_view text) {
  if (text.size() > limits::kJwsBytes) {
    return Malformed(
        fmt::format("expected at most {} bytes, found {}", limits::kJwsBytes, text.size()));
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return Malformed("expected three parts with a dot between them");
  }
  if (first > limits::kJwsHeaderBytes) {
    return Malformed(fmt::format("expected a header of at most {} bytes, found {}",
                                 limits::kJwsHeaderBytes, first));
  }
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1), text.substr(0, second)};
}

Result<json::Value> HeaderOf(const Parts& parts) {
  const Bytes header = TRY(DecodePart(parts.header, "header"));
  json::Value out = TRY(json::Parse(AsText(header)));
  if (out.AsObject() == nullptr) return Malformed("expected a JSON object as header");
  return out;
}

// Extensions that change what is signed or how; none is known here, and `crit` says that one must
// be.
Result<void> RefuseExtensions(const json::Value& header) {
  constexpr std::array<std::string_view, 2> kRefused = {"crit", "b64"};
  for (const std::string_view name : kRefused) {
    if (header.Find(name) != nullptr) {
      return Fail(ErrorCode::kUnsupported,
                  fmt::format("JWS: the header has \"{}\", and no extension is supported", name));
    }
  }
  return {};
}

// What came is not repeated in the message beyond a few characters: it may be anything.
std::string Shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 32)) out.push_back(c >= ' ' && c <= '~' ? c : '?');
  return out;
}

std::string ListOf(const std::vector<JwsAlgorithm>& algorithms) {
  std::string out;
  for (const JwsAlgorithm algorithm : algorithms) {
    out += (out.empty() ? "" : " or ") + std::string(Name(algorithm));
  }
  return out;
}

Result<CertificatePtr> LeafOf(const json::Value& header, std::span<const CertificatePtr> trusted) {
  const json::Value* chain = header.Find("x5c");
  const json::Array* list = chain != nullptr ? chain->AsArray() : nullptr;
  if (list == nullptr || list->empty() || list->front().AsString() == nullptr) {
    return Fail(ErrorCode::kMissing,
                "JWS: expected the signer's certificate in x5c of the header, found none");
  }
  const Bytes der = TRY(Base64Decode(*list->front().AsString()));
  const auto found = std::find_if(
      trusted.begin(), trusted.end(),
      [&der](const CertificatePtr& candidate) { return Equal(candidate->der(), der); });
  if (found == trusted.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("JWS: the certificate in x5c (SHA-256 {}) is none of the {} that may "
                            "sign here",
                            HexEncode(Sha256(der)), trusted.size()));
  }
  return *found;
}

}  // namespace

std::string UnverifiedJws::ClaimedIssuer() const {
  const Result<json::Value> claims = json::Parse(AsText(payload_));
  if (!claims) return {};
  return claims->String("iss", "claims").value_or(std::string());
}

Result<json::Value> VerifiedJws::Claims() const {
  json::Value claims = TRY(json::Parse(AsText(payload_)));
  if (claims.AsObject() == nullptr) return Malformed("expected a JSON object as payload");
  return claims;
}

Result<json::Value> ReadUnverifiedHeader(std::string_view text) {
  return HeaderOf(TRY(Split(text)));
}

Result<UnverifiedJws> ParseJws(std::string_view text) {
  const Parts parts = TRY(Split(text));
  UnverifiedJws out;
  out.payload_ = TRY(DecodePart(parts.payload, "payload"));
  out.signature_ = TRY(DecodePart(parts.signature, "signature"));
  out.signed_part_ = parts.signed_part;
  out.header_ = TRY(HeaderOf(parts));
  TRY_VOID(RefuseExtensions(out.header_));
  const std::string name = TRY(out.header_.String("alg", "header"));
  const auto algorithm = JwsAlgorithmOf(name);
  if (!algorithm) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("JWS: the algorithm \"{}\" is not accepted", Shown(name)),
                "sign with RS256, PS256 or ES256");
  }
  out.algorithm_ = *algorithm;
  if (out.header_.Find("kid") != nullptr) out.kid_ = TRY(out.header_.String("kid", "header"));
  return out;
}

Result<VerifiedJws> VerifyJws(const UnverifiedJws& jws, const VerificationKey& key) {
  if (!jws.kid_.empty() && !key.kid.empty() && jws.kid_ != key.kid) {
    return Fail(ErrorCode::kInvalidArgument, "JWS: its kid names another key");
  }
  if (std::find(key.algorithms.begin(), key.algorithms.end(), jws.algorithm_) ==
      key.algorithms.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("JWS: the algorithm is {}, but its key is for {}", Name(jws.algorithm_),
                            ListOf(key.algorithms)));
  }
  if (!VerifyJoseSignature(key.key, jws.algorithm_, AsBytes(jws.signed_part_), jws.signature_)) {
    return Fail(ErrorCode::kInvalidArgument, "JWS: the signature is not valid");
  }
  return VerifiedJws(jws.header_, jws.payload_, jws.algorithm_);
}

Result<VerifiedJws> VerifyJwsByCertificate(const UnverifiedJws& jws,
                                           std::span<const CertificatePtr> trusted, Time now) {
  const CertificatePtr leaf = TRY(LeafOf(jws.header_, trusted));
  if (!leaf->ValidAt(now)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("JWS: the signer's certificate is valid {}, and it is {}",
                            leaf->validity(), FormatTime(now)));
  }
  TRY_VOID(CheckJoseKey(leaf->key()));
  VerifiedJws out = TRY(VerifyJws(jws, {{}, leaf->key(), AlgorithmsOf(leaf->key())}));
  out.signer_ = leaf;
  return out;
}

}  // namespace assay

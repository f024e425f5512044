#include "crypto/signing_request.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>

#include "base/limits.h"
#include "crypto/jose.h"
#include "crypto/openssl_ptr.h"

namespace assay {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, OpensslDeleter<X509_REQ_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;

struct ExtensionsDeleter {
  void operator()(STACK_OF(X509_EXTENSION) * all) const {
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsDeleter>;

tl::unexpected<Error> BadRequest(std::string message) {
  ERR_clear_error();
  return Fail(ErrorCode::kMalformed, "certification request: " + std::move(message));
}

Result<std::string> DnsNameOf(const GENERAL_NAME* name) {
  if (name->type != GEN_DNS) return BadRequest("expected names in the DNS only");
  const ASN1_IA5STRING* const text = name->d.dNSName;
  std::string out(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                  static_cast<std::size_t>(ASN1_STRING_length(text)));
  if (!IsDnsName(out)) return BadRequest("a name that is none in the DNS");
  return out;
}

Result<std::vector<std::string>> NamesIn(X509_REQ* request) {
  const ExtensionsPtr extensions(X509_REQ_get_extensions(request));
  std::vector<std::string> out;
  if (!extensions) return out;
  int critical = 0;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions.get(), NID_subject_alt_name, &critical, nullptr)));
  if (!names) {
    // -1: there is none.
    if (critical == -1) return out;
    return BadRequest("subjectAltName cannot be read");
  }
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count > static_cast<int>(limits::kMachineDnsNames)) {
    return BadRequest(fmt::format("expected at most {} names", limits::kMachineDnsNames));
  }
  for (int i = 0; i < count; ++i) {
    out.push_back(TRY(DnsNameOf(sk_GENERAL_NAME_value(names.get(), i))));
  }
  return out;
}

bool AddNames(X509_REQ* request, const std::vector<std::string>& dns_names) {
  if (dns_names.empty()) return true;
  std::string text;
  for (const std::string& one : dns_names) text += (text.empty() ? "DNS:" : ",DNS:") + one;
  const ExtensionsPtr extensions(sk_X509_EXTENSION_new_null());
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, text.c_str());
  if (!extensions || names == nullptr) return false;
  if (sk_X509_EXTENSION_push(extensions.get(), names) <= 0) {
    X509_EXTENSION_free(names);
    return false;
  }
  return X509_REQ_add_extensions(request, extensions.get()) == 1;
}

bool IsLabel(std::string_view label) {
  constexpr std::size_t kLongest = 63;
  return !label.empty() && label.size() <= kLongest && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-';
         });
}

}  // namespace

bool IsDnsName(std::string_view name) {
  if (name.size() > limits::kDnsNameBytes) return false;
  // An address in digits would be taken for a name.
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return false;
  }
  while (true) {
    const std::size_t dot = name.find('.');
    if (!IsLabel(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

Result<SigningRequest> ParseSigningRequest(View der) {
  if (der.size() > limits::kSigningRequestBytes) {
    return BadRequest(fmt::format("expected at most {} bytes, found {}",
                                  limits::kSigningRequestBytes, der.size()));
  }
  const unsigned char* in = Raw(der);
  const RequestPtr request(d2i_X509_REQ(nullptr, &in, static_cast<long>(der.size())));
  if (!request || in != Raw(der) + der.size()) return BadRequest("expected PKCS #10 in DER");
  EVP_PKEY* const raw = X509_REQ_get_pubkey(request.get());
  if (raw == nullptr) return BadRequest("its public key cannot be read");
  PublicKey key = PublicKey::Adopt(raw);
  TRY_VOID(CheckJoseKey(key));
  if (X509_REQ_verify(request.get(), raw) != 1) {
    return BadRequest("expected the signature of its own key");
  }
  std::vector<std::string> names = TRY(NamesIn(request.get()));
  return SigningRequest{std::move(key), std::move(names)};
}

Result<Bytes> MakeSigningRequest(const SigningKey& key, const std::vector<std::string>& dns_names) {
  for (const std::string& name : dns_names) {
    if (IsDnsName(name)) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("expected a name in the DNS, found {}", name.substr(0, 100)));
  }
  const RequestPtr request(X509_REQ_new());
  const bool made = request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.raw()) == 1 &&
                    AddNames(request.get(), dns_names) &&
                    X509_REQ_sign(request.get(), key.raw(), EVP_sha256()) > 0;
  const int size = made ? i2d_X509_REQ(request.get(), nullptr) : 0;
  if (size <= 0) {
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "OpenSSL could not make a certification request");
  }
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* cursor = Raw(out);
  i2d_X509_REQ(request.get(), &cursor);
  return out;
}

}  // namespace assay

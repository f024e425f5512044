// POST /attest/AzureGuest: Trusted Launch and confidential machines, and what they can open.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "service/world_service.h"
#include "simulate/guest.h"

namespace assay {
namespace {

using policy::AttestationType;
using simulate::SimulatedGuest;

// What the virtual TPM and the client do with the answer, written from the protocol and sharing no
// code with the service: RSAES-PKCS1-v1_5, then AES-256-GCM.
std::string Unsealed(const std::string& token, evp_pkey_st* key) {
  const json::Value envelope = json::Parse(AsText(Base64UrlDecode(token).value())).value();
  const auto member = [&](const json::Value& of, const char* name) {
    return Base64Decode(*of.Find(name)->AsString()).value();
  };
  const Bytes wrapped = member(envelope, "EncryptedInnerKey");
  const Bytes text = member(envelope, "Jwt");
  Bytes tag = member(envelope, "AuthenticationData");
  const Bytes iv = member(*envelope.Find("EncryptionParams"), "Iv");
  const auto raw = [](const Bytes& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
  };
  std::array<unsigned char, 512> inner{};
  std::size_t inner_size = inner.size();
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> rsa(
      EVP_PKEY_CTX_new(key, nullptr), EVP_PKEY_CTX_free);
  if (EVP_PKEY_decrypt_init(rsa.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(rsa.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_decrypt(rsa.get(), inner.data(), &inner_size, raw(wrapped), wrapped.size()) != 1 ||
      inner_size != 32) {
    return {};
  }
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> aes(EVP_CIPHER_CTX_new(),
                                                                            EVP_CIPHER_CTX_free);
  const std::string aad = "Transport Key";
  std::string out(text.size(), '\0');
  auto* const plain = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(aes.get(), EVP_aes_256_gcm(), nullptr, inner.data(), raw(iv)) == 1 &&
      EVP_DecryptUpdate(aes.get(), nullptr, &size,
                        reinterpret_cast<const unsigned char*>(aad.data()),
                        static_cast<int>(aad.size())) == 1 &&
      EVP_DecryptUpdate(aes.get(), plain, &size, raw(text), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(aes.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()),
                          tag.data()) == 1 &&
      EVP_DecryptFinal_ex(aes.get(), plain + size, &size) == 1;
  return ok ? out : std::string();
}

std::string IssuedToken(const HttpResponse& response) {
  EXPECT_EQ(response.status, 200U) << response.body;
  const json::Value body = json::Parse(response.body).value();
  return *body.Find("token")->AsString();
}

class GuestAttest : public testing::Test {
 protected:
  json::Value Claims(const SimulatedGuest& guest, WorldService& service) {
    const HttpResponse response = service.Post("/attest/AzureGuest", guest.Request().value());
    return ClaimsOfToken(Unsealed(IssuedToken(response), guest.sealing_key().raw()),
                         service.service);
  }

  SimulatedGuest trusted_launch_ = SimulatedGuest::TrustedLaunch().value();
  WorldService service_{trusted_launch_.world()};
};

TEST_F(GuestAttest, SealsATokenForATrustedLaunchMachineToItsVirtualTpm) {
  const json::Value claims = Claims(trusted_launch_, service_);
  EXPECT_EQ(*claims.Find("x-ms-attestation-type")->AsString(), "azurevm");
  EXPECT_EQ(*claims.Find("x-ms-azurevm-attestation-protocol-ver")->AsString(), "2.0");
  EXPECT_EQ(*claims.Find("secureboot")->AsBool(), true);
  EXPECT_EQ(*claims.Find("x-ms-azurevm-is-windows")->AsBool(), false);
  EXPECT_EQ(claims.Find("x-ms-azurevm-debuggersdisabled"), nullptr) << "Windows stated nothing";
  EXPECT_EQ(claims.Find("x-ms-azurevm-attested-pcrs")->AsArray()->size(), 15U);
  EXPECT_EQ(*claims.Find("x-ms-azurevm-ostype")->AsString(), "Linux");
  EXPECT_EQ(claims.Find("x-ms-isolation-tee"), nullptr);
  const json::Value& runtime = *claims.Find("x-ms-runtime");
  EXPECT_EQ(*runtime.Find("client-payload")->Find("nonce")->AsString(), "MTIzNA==");
  const json::Value& key = runtime.Find("keys")->AsArray()->front();
  EXPECT_EQ(*key.Find("kid")->AsString(), "TpmEphemeralEncryptionKey");
  EXPECT_EQ(*key.Find("n")->AsString(), Encoded(trusted_launch_.sealing_key().Public().value().n));
}

TEST_F(GuestAttest, NamesTheProcessorOfAConfidentialMachine) {
  const SimulatedGuest guest = SimulatedGuest::SevSnp().value();
  WorldService service(guest.world());
  const json::Value claims = Claims(guest, service);
  const json::Value& isolation = *claims.Find("x-ms-isolation-tee");
  EXPECT_EQ(*isolation.Find("x-ms-attestation-type")->AsString(), "sevsnpvm");
  EXPECT_EQ(*isolation.Find("x-ms-sevsnpvm-is-debuggable")->AsBool(), false);
  EXPECT_EQ(
      *isolation.Find("x-ms-runtime")->Find("keys")->AsArray()->front().Find("kid")->AsString(),
      "HCLAkPub");
  EXPECT_EQ(*claims.Find("x-ms-azurevm-vmid")->AsString(), "00000000-0000-4000-8000-000000000001");
}

TEST_F(GuestAttest, NamesATdxMachineByItsOwnReport) {
  const SimulatedGuest guest = SimulatedGuest::Tdx().value();
  WorldService service(guest.world());
  const json::Value claims = Claims(guest, service);
  const json::Value& isolation = *claims.Find("x-ms-isolation-tee");
  EXPECT_EQ(*isolation.Find("x-ms-attestation-type")->AsString(), "tdxvm");
  for (const char* fault :
       {"report_data", "quote.signature", "certified_key.name", "sealing_key.policy"}) {
    EXPECT_NE(
        RefusalOf(service.Post("/attest/AzureGuest", guest.Request(fault).value())).find(fault),
        std::string::npos);
  }
}

TEST_F(GuestAttest, OnlyTheSealingKeyOpensTheToken) {
  const std::string token =
      IssuedToken(service_.Post("/attest/AzureGuest", trusted_launch_.Request().value()));
  EXPECT_NE(Unsealed(token, trusted_launch_.sealing_key().raw()), "");
  const SigningKey other = SigningKey::Generate(KeyType::kRsa2048).value();
  EXPECT_EQ(Unsealed(token, other.raw()), "");
  EXPECT_EQ(token.find("eyJhbGci"), std::string::npos) << "the JWT stands there in the clear";
}

TEST_F(GuestAttest, RefusesEachFaultForItsOwnReason) {
  for (const char* fault :
       {"quote.signature", "quote.pcr_digest", "certified_key.signature", "certified_key.name",
        "sealing_key.attributes", "sealing_key.policy", "event_log.replay", "event_log.digests"}) {
    EXPECT_EQ(
        RefusalOf(service_.Post("/attest/AzureGuest", trusted_launch_.Request(fault).value())),
        std::string("AttestationFailed ") + fault);
  }
  const SimulatedGuest guest = SimulatedGuest::SevSnp().value();
  WorldService service(guest.world());
  for (const char* fault :
       {"report.report_data", "quote.signature", "certified_key.name", "sealing_key.policy"}) {
    EXPECT_EQ(RefusalOf(service.Post("/attest/AzureGuest", guest.Request(fault).value())),
              std::string("AttestationFailed ") + fault);
  }
}

TEST_F(GuestAttest, AnUnknownAuthorityOfVirtualTpmsIsRefused) {
  const SimulatedGuest other = SimulatedGuest::TrustedLaunch().value();
  EXPECT_EQ(RefusalOf(service_.Post("/attest/AzureGuest", other.Request().value())),
            "AttestationFailed ak.chain");
}

TEST_F(GuestAttest, SecureBootOffIsForThePolicyToAdmitInWords) {
  const std::string body = trusted_launch_.Request("secure_boot.enabled").value();
  EXPECT_EQ(RefusalOf(service_.Post("/attest/AzureGuest", body)), "PolicyEvaluationError");
  WorldService lenient(
      trusted_launch_.world(),
      {{AttestationType::kAzureGuest, "version=1.0; authorizationrules{=> permit();};"}});
  const HttpResponse response = lenient.Post("/attest/AzureGuest", body);
  const json::Value claims = ClaimsOfToken(
      Unsealed(IssuedToken(response), trusted_launch_.sealing_key().raw()), lenient.service);
  EXPECT_EQ(*claims.Find("secureboot")->AsBool(), false);
}

TEST_F(GuestAttest, RefusesBodiesThatAreNotTheProtocols) {
  const auto refusal = [this](const std::string& info) {
    const json::Object body{{"attestationInfo", Encoded(AsBytes(info))}};
    return RefusalOf(service_.Post("/attest/AzureGuest", json::Write(body)));
  };
  EXPECT_EQ(refusal(R"({"AttestationProtocolVersion":"1.0"})"), "NotSupported");
  EXPECT_EQ(refusal(R"({"AttestationProtocolVersion":"2.0"})"), "InvalidParameter");
  EXPECT_EQ(refusal(R"({"AttestationProtocolVersion":"2.0","TpmInfo":{}})"), "InvalidParameter");
  EXPECT_EQ(refusal("[]"), "InvalidParameter");
  EXPECT_EQ(RefusalOf(service_.Post("/attest/AzureGuest", "{}")), "InvalidParameter");
}

}  // namespace
}  // namespace assay

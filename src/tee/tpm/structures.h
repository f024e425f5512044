// What a TPM writes: attested structures, signatures and public areas.
//
// Source: TPM 2.0 Library Part 2 (Structures), 1.59; section numbers at each type. Integers are
// big-endian; a TPM2B is a 16-bit size and that many bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/public_key.h"
#include "tee/tcg/hash_algorithm.h"

namespace assay::tpm {

// TPMS_PCR_SELECTION, 10.6.2: the PCRs of one bank, ascending.
struct PcrSelection {
  std::uint16_t bank = 0;  // TPM_ALG_ID
  std::vector<std::uint32_t> pcrs;
};

// TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE, 10.12.12.
struct Quote {
  View bytes;               // as signed
  View qualified_signer;    // a name: algorithm and digest
  View extra_data;          // the challenge
  std::uint64_t clock = 0;  // ms since the TPM was cleared
  std::uint32_t reset_count = 0;
  std::uint32_t restart_count = 0;
  bool safe = false;  // the clock never ran backwards
  std::uint64_t firmware_version = 0;
  std::vector<PcrSelection> selections;
  View pcr_digest;
};
Result<Quote> ParseQuote(View bytes);

// TPMS_ATTEST of type TPM_ST_ATTEST_CERTIFY, 10.12.12: a key that is in the same TPM.
struct Certification {
  View bytes;             // as signed
  View qualified_signer;  // a name: algorithm and digest
  View extra_data;        // the challenge
  View name;              // of the key
};
Result<Certification> ParseCertification(View bytes);

// TPMT_SIGNATURE, 11.3.4: RSASSA, RSAPSS and ECDSA.
struct Signature {
  enum class Scheme : std::uint16_t { kRsassa = 0x0014, kRsapss = 0x0016, kEcdsa = 0x0018 };
  Scheme scheme = Scheme::kRsassa;
  tcg::HashAlgorithm hash = tcg::HashAlgorithm::kSha256;
  View rsa;   // kRsassa, kRsapss
  View r, s;  // kEcdsa, leading zeros may be missing
};
Result<Signature> ParseSignature(View bytes);

// TPMT_SYM_DEF_OBJECT, 11.1.7, of a block cipher: how a storage key protects what is below it.
struct SymmetricDefinition {
  std::uint16_t algorithm = 0;  // TPM_ALG_ID
  std::uint16_t key_bits = 0;
  std::uint16_t mode = 0;  // TPM_ALG_ID
  bool operator==(const SymmetricDefinition&) const = default;
};

// TPMT_PUBLIC, 12.2.4, of an RSA or ECC key, whose key is not looked at yet: to make one costs a
// quarter of a verification, which is for nothing where it is known.
struct PublicFields {
  View bytes;  // TPMT_PUBLIC, what the name is made of
  tcg::HashAlgorithm name_algorithm = tcg::HashAlgorithm::kSha256;
  std::uint32_t attributes = 0;                                 // TPMA_OBJECT, 8.3
  std::optional<SymmetricDefinition> symmetric = std::nullopt;  // of storage keys only
  View auth_policy = {};                                        // empty: there is none
  View modulus = {};                                            // of RSA keys only, big-endian
  std::uint32_t exponent = 0;
  std::optional<Curve> curve = std::nullopt;  // of ECC keys only
  Bytes point = {};                           // x ‖ y, each of the curve's size

  // An error if the point is not on its curve, or the RSA key none.
  Result<PublicKey> Key() const;

  // TPMA_OBJECT: what makes a key one that signs, or decrypts, only what the TPM itself made.
  bool fixed_tpm() const { return (attributes & (1U << 1U)) != 0; }
  bool restricted() const { return (attributes & (1U << 16U)) != 0; }
  bool decrypt() const { return (attributes & (1U << 17U)) != 0; }
  bool signs() const { return (attributes & (1U << 18U)) != 0; }
  bool sensitive_data_origin() const { return (attributes & (1U << 5U)) != 0; }
  bool fixed_parent() const { return (attributes & (1U << 4U)) != 0; }
  bool user_with_auth() const { return (attributes & (1U << 6U)) != 0; }
  bool admin_with_policy() const { return (attributes & (1U << 7U)) != 0; }

  // Algorithm id and digest of the public area, Part 1 §16.
  Bytes Name() const;
};

// With its key.
struct PublicArea : PublicFields {
  PublicKey key;
};

// TPMT_PUBLIC, or TPM2B_PUBLIC whose size fits exactly.
Result<PublicFields> ParsePublicFields(View bytes);
Result<PublicArea> ParsePublicArea(View bytes);

}  // namespace assay::tpm

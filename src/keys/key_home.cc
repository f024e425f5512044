#include "keys/key_home.h"

#include <fmt/format.h>

#include <utility>

#include "base/limits.h"

namespace assay::keys {

Outcome<Hsm*> KeyHome::HsmFor(KeyKind kind) const {
  if (hsm_ != nullptr) return hsm_;
  return Refuse(FaultKind::kNotSupported,
                fmt::format("kty: {} needs an HSM that holds the key, and this vault has none; "
                            "{} is kept by the vault itself",
                            Name(KeyType{kind, true}), Name(kind)));
}

Outcome<NewKey> KeyHome::Begin(KeyKind kind, Time now) {
  NewKey out;
  out.kind = kind;
  out.hsm_object = TRY(NewVersionId());
  out.hsm_revision = TRY(journal_.Begin(out.hsm_object, now));
  return out;
}

Outcome<NewKey> KeyHome::Made(NewKey key, const Outcome<PublicHalf>& half) {
  if (!half) {
    GiveUp(key);
    return tl::unexpected(half.error());
  }
  key.half = *half;
  if (TRY(journal_.IsPending(key.hsm_object, key.hsm_revision))) return key;
  TRY_VOID(hsm_->Destroy(key.hsm_object));
  return Refuse(FaultKind::kUnavailable,
                "the HSM took so long to make the key that it was given up meanwhile");
}

Outcome<NewKey> KeyHome::Make(const KeySpec& spec, bool exportable, Time now) {
  if (!spec.hsm) return Take(TRY(GenerateKey(spec)), exportable, now);
  Hsm* const hsm = TRY(HsmFor(spec.kind));
  if (spec.kind == KeyKind::kRsa) TRY_VOID(CheckRsaSpec(spec.bits, spec.exponent));
  if (spec.kind == KeyKind::kOct) TRY_VOID(CheckOctBits(spec.bits));
  NewKey out = TRY(Begin(spec.kind, now));
  const Outcome<PublicHalf> half = hsm->Generate(out.hsm_object, spec, exportable);
  return Made(std::move(out), half);
}

Outcome<NewKey> KeyHome::Take(const ImportedKey& key, bool exportable, Time now) {
  Outcome<PublicHalf> half = TRY(PublicHalfOf(key));
  if (!key.hsm) {
    NewKey out;
    out.kind = key.kind;
    out.half = std::move(*half);
    out.secret = TRY(SecretOf(key));
    return out;
  }
  Hsm* const hsm = TRY(HsmFor(key.kind));
  NewKey out = TRY(Begin(key.kind, now));
  const Outcome<void> taken = hsm->Import(out.hsm_object, key, exportable);
  if (!taken) half = tl::unexpected(taken.error());
  return Made(std::move(out), half);
}

void KeyHome::GiveUp(const NewKey& key) {
  if (key.hsm_object.empty()) return;
  // What cannot be done now, or was half done, the sweep does.
  if (!journal_.Doom(key.hsm_object, key.hsm_revision)) return;
  if (hsm_->Destroy(key.hsm_object)) (void)journal_.Forget(key.hsm_object);
}

Outcome<UsableKeyPtr> KeyHome::Open(const KeyVersion& version, SecretBytes secret) {
  if (!version.type().hsm) return OpenMaterial(version.kind, std::move(secret));
  Hsm* const hsm = TRY(HsmFor(version.kind));
  return hsm->Open(version);
}

Result<void> KeyHome::DestroyDoomed() {
  for (const std::string& id : TRY(journal_.Doomed())) {
    if (hsm_ == nullptr) {
      return Fail(ErrorCode::kMissing, "objects of deleted keys are left in an HSM",
                  "start the service with --key-hsm-module, so that it can destroy them");
    }
    TRY_VOID(hsm_->Destroy(id));
    TRY_VOID(journal_.Forget(id));
  }
  return {};
}

Result<void> KeyHome::Sweep(Time now) {
  TRY_VOID(journal_.DoomOlder(now - limits::kHsmKeyRecordedWithin));
  return DestroyDoomed();
}

}  // namespace assay::keys

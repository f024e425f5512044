#include "collateral/stand_in.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/encoding.h"
#include "crypto/signing_key.h"

namespace assay::testing {
namespace {

constexpr std::string_view kApi = "certification/v4";

// Intel escapes all but letters and digits of its issuer chains.
std::string PercentEncode(View text) {
  std::string out;
  for (const char c : AsText(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Bytes FileOf(const simulate::Simulation& simulation, const std::string& name) {
  const auto found = simulation.files.find(name);
  return found == simulation.files.end() ? Bytes{} : found->second;
}

Bytes DerOf(const simulate::Simulation& simulation, const std::string& cn) {
  for (const CertificatePtr& certificate : simulation.collateral.certificates) {
    if (certificate->subject_cn() == cn) return certificate->der();
  }
  return {};
}

// The issuers of the PCK certificate inside a quote.
std::string PckIssuers(View quote) {
  const auto blocks = PemBlocks(AsText(quote), "CERTIFICATE").value();
  std::string out;
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    out += CertificateToPem(*Certificate::FromDer(blocks[i]).value());
  }
  return out;
}

std::string Head(int status, std::size_t size, const std::string& more = {}) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n", status,
                     size, more);
}

}  // namespace

StandIn::StandIn(const simulate::Simulation& simulation) {
  AddIntel(simulation);
  AddAmd(simulation);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 64);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Accept(); });
}

StandIn::~StandIn() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
}

void StandIn::Serve(const std::string& target, Bytes body, std::string issuer_chain) {
  const std::lock_guard lock(mutex_);
  documents_[target] = {std::move(body), std::move(issuer_chain)};
}

void StandIn::SetFault(const std::string& part, HostFault fault) {
  const std::lock_guard lock(mutex_);
  faults_[part] = fault;
}

std::vector<std::string> StandIn::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

std::size_t StandIn::count(const std::string& part) const {
  std::size_t out = 0;
  for (const std::string& target : asked()) out += target.find(part) != std::string::npos ? 1 : 0;
  return out;
}

void StandIn::AddIntel(const simulate::Simulation& simulation) {
  const Bytes info = FileOf(simulation, "collateral/tcb_info.json");
  if (info.empty()) return;
  Bytes chain = FileOf(simulation, "collateral/tcb_signing.pem");
  Append(chain, FileOf(simulation, "root.pem"));
  const std::string header = PercentEncode(chain);
  const bool tdx = AsText(info).find(R"("id":"TDX")") != std::string_view::npos;
  const std::string tee = tdx ? "/tdx" : "/sgx";
  Serve(fmt::format("{}/{}/tcb?fmspc=50806f000000", tee, kApi), info, header);
  Serve(fmt::format("{}/{}/qe/identity", tee, kApi),
        FileOf(simulation, "collateral/qe_identity.json"), header);
  Serve(fmt::format("/sgx/{}/pckcrl?ca=platform&encoding=der", kApi),
        FileOf(simulation, "collateral/pck_ca.crl"),
        PercentEncode(AsBytes(PckIssuers(simulation.evidence))));
  const Bytes root_crl = FileOf(simulation, "collateral/root_ca.crl");
  Serve("/IntelSGXRootCA.der", root_crl);
  Serve(fmt::format("/sgx/{}/rootcacrl", kApi), ToBytes(AsBytes(HexEncode(root_crl))));
}

void StandIn::AddAmd(const simulate::Simulation& simulation) {
  const Bytes leaf = DerOf(simulation, "SEV-VCEK");
  if (leaf.empty()) return;
  const std::string chip = HexEncode(View(simulation.evidence).subspan(0x1A0, 64));
  Serve(fmt::format("/vcek/v1/Milan/{}?blSPL=04&teeSPL=01&snpSPL=24&ucodeSPL=219", chip), leaf);
  Bytes chain = FileOf(simulation, "collateral/ask.pem");
  Append(chain, FileOf(simulation, "collateral/ark.pem"));
  Serve("/vcek/v1/Milan/cert_chain", std::move(chain));
  Serve("/vcek/v1/Milan/crl", FileOf(simulation, "collateral/ark.crl"));
}

void StandIn::Accept() {
  while (true) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    connections_.emplace_back([this, connection] { AnswerOne(connection); });
  }
}

void StandIn::AnswerOne(int connection) {
  std::string request;
  char buffer[2048];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  HostFault fault = HostFault::kNone;
  std::string answer = Respond(request, fault);
  if (fault == HostFault::kSlow) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  if (fault == HostFault::kTruncated) answer.resize(answer.size() - 20);
  std::size_t sent = 0;
  while (sent < answer.size()) {
    const ssize_t n = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  ::close(connection);
}

std::string StandIn::Respond(const std::string& request, HostFault& fault) {
  const std::size_t start = request.find(' ') + 1;
  const std::string target = request.substr(start, request.find(' ', start) - start);
  const std::lock_guard lock(mutex_);
  asked_.push_back(target);
  for (const auto& [part, present] : faults_) {
    if (target.find(part) != std::string::npos) fault = present;
  }
  switch (fault) {
    case HostFault::kThrottled: return Head(429, 0, "Retry-After: 3600\r\n");
    case HostFault::kServerError: return Head(500, 0);
    case HostFault::kRedirect: return Head(302, 0, "Location: file:///etc/hostname\r\n");
    case HostFault::kHuge: return Head(200, 5U << 20U) + std::string(5U << 20U, 'x');
    case HostFault::kWrongContent: return Head(200, 19) + "<html>log in</html>";
    default: break;
  }
  const auto found = documents_.find(target);
  if (found == documents_.end()) return Head(404, 0);
  const auto& [body, chain] = found->second;
  const std::string etag = HexEncode(View(Sha256(body)).first(8));
  if (request.find("If-None-Match: \"" + etag + "\"") != std::string::npos) {
    ++not_modified_;
    return Head(304, 0);
  }
  std::string more = fmt::format("ETag: \"{}\"\r\n", etag);
  // One name or another by endpoint, as Intel has it.
  if (!chain.empty()) more += fmt::format("TCB-Info-Issuer-Chain: {}\r\n", chain);
  return Head(200, body.size(), more) + std::string(AsText(body));
}

}  // namespace assay::testing

#include "agent/child.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tpm2/tpm.h"

namespace assay {
namespace {

std::string Content(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

void WriteText(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

int Bound(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return listener;
  ::close(listener);
  return -1;
}

// Two ports that follow one another: libtss2 takes the second for swtpm's control channel.
std::uint16_t FreePortPair() {
  for (int tries = 0; tries < 100; ++tries) {
    const int first = Bound(0);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(first, reinterpret_cast<sockaddr*>(&address), &size);
    const std::uint16_t port = ntohs(address.sin_port);
    const int second = port < 65535 ? Bound(static_cast<std::uint16_t>(port + 1)) : -1;
    ::close(first);
    if (second < 0) continue;
    ::close(second);
    return port;
  }
  throw std::runtime_error("no two free ports");
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::string& folder) {
  static int number = 0;
  const std::string base = folder + "/child-" + std::to_string(++number);
  out_ = base + ".out";
  err_ = base + ".err";
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::dup2(::open(out_.c_str(), O_WRONLY | O_CREAT, 0600), 1);
  ::dup2(::open(err_.c_str(), O_WRONLY | O_CREAT, 0600), 2);
  ::close_range(3, ~0U, 0);  // the test's own listeners must end with the test
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(127);
}

Child::~Child() {
  if (!Running()) return;
  Signal(SIGKILL);
  Wait();
}

bool Child::Running() {
  if (pid_ < 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  pid_ = -1;
  return false;
}

int Child::Wait() {
  while (Running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return code_;
}

void Child::Signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);
}

std::string Child::Output() const { return Content(out_); }
std::string Child::Errors() const { return Content(err_); }

Swtpm::Swtpm(const std::string& folder) : folder_(folder + "/swtpm"), port_(FreePortPair()) {
  std::filesystem::create_directories(folder_ + "/state");
  std::filesystem::create_directories(folder_ + "/ca");
  WriteText(folder_ + "/setup.conf",
            "create_certs_tool=/usr/bin/swtpm_localca\n"
            "create_certs_tool_config=" +
                folder_ +
                "/localca.conf\n"
                "create_certs_tool_options=" +
                folder_ +
                "/localca.options\n"
                "active_pcr_banks = sha256\n");
  WriteText(folder_ + "/localca.conf", "statedir = " + folder_ +
                                           "/ca\n"
                                           "signingkey = " +
                                           folder_ +
                                           "/ca/key.pem\n"
                                           "issuercert = " +
                                           folder_ +
                                           "/ca/certificate.pem\n"
                                           "certserial = " +
                                           folder_ + "/ca/serial\n");
  WriteText(folder_ + "/localca.options",
            "--platform-manufacturer Assay\n--platform-version 1\n"
            "--platform-model test\n");
  Child setup({"swtpm_setup", "--tpm2", "--tpmstate", folder_ + "/state", "--config",
               folder_ + "/setup.conf", "--create-ek-cert", "--lock-nvram", "--overwrite",
               "--pcr-banks", "sha256", "--vmid", "agent-test"},
              folder_);
  if (setup.Wait() != 0) throw std::runtime_error("swtpm_setup: " + setup.Output());
  PowerOn();
}

Swtpm::~Swtpm() = default;

void Swtpm::PowerOn() {
  const std::string port = std::to_string(port_);
  const std::string control = std::to_string(port_ + 1);
  child_ = std::make_unique<Child>(
      std::vector<std::string>{"swtpm", "socket", "--tpm2", "--tpmstate",
                               "dir=" + folder_ + "/state", "--server", "type=tcp,port=" + port,
                               "--ctrl", "type=tcp,port=" + control, "--flags",
                               "not-need-init,startup-clear"},
      folder_);
  const bool up = Within(std::chrono::seconds(10), [this] {
    return child_->Running() && tpm2::Tpm::Open(tcti()).has_value();
  });
  if (!up) throw std::runtime_error("swtpm did not start: " + child_->Errors());
}

void Swtpm::PowerOff() { child_.reset(); }

std::string Swtpm::tcti() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_); }

std::string Swtpm::ca_certificate() const { return folder_ + "/ca/certificate.pem"; }

}  // namespace assay

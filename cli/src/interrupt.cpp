#include "interrupt.hpp"

#include <csignal>
#include <cstdlib>

namespace tocsin::cli {

namespace {

std::atomic<bool> interrupted{false};
volatile std::sig_atomic_t signal_that_came = 0;
std::atomic<bool> reload_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler must not lock");

void on_signal(int number) {
    signal_that_came = number;
    interrupted.store(true);
}

void on_reload(int) { reload_asked.store(true); }

void install(int number, void (*handler)(int), int flags) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
}

void install(void (*handler)(int), int flags) {
    install(SIGINT, handler, flags);
    install(SIGTERM, handler, flags);
}

}  // namespace

InterruptGuard::InterruptGuard() {
    interrupted.store(false);
    install(on_signal, static_cast<int>(SA_RESETHAND));
}

InterruptGuard::~InterruptGuard() { install(SIG_DFL, 0); }

const std::atomic<bool>& InterruptGuard::flag() { return interrupted; }

void InterruptGuard::resume() {
    install(SIG_DFL, 0);
    std::raise(signal_that_came);
    std::_Exit(128 + signal_that_came);
}

ReloadGuard::ReloadGuard() {
    reload_asked.store(false);
    install(SIGHUP, on_reload, SA_RESTART);
}

ReloadGuard::~ReloadGuard() { install(SIGHUP, SIG_DFL, 0); }

bool ReloadGuard::take() { return reload_asked.exchange(false); }

}  // namespace tocsin::cli

#include "interrupt.hpp"

#include <csignal>
#include <cstdlib>

namespace tocsin::cli {

namespace {

std::atomic<bool> interrupted{false};
volatile std::sig_atomic_t signal_that_came = 0;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler must not lock");

void on_signal(int number) {
    signal_that_came = number;
    interrupted.store(true);
}

void install(void (*handler)(int), int flags) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
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

}  // namespace tocsin::cli

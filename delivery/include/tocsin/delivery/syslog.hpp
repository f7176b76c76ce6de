#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/endpoint.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::delivery {

/// A row as a message of RFC 5424, without structured data: the severity is the alert's, the time the alert's, the message's
/// id its `op`, and what it says is the alert's JSON; where that makes more than SyslogOptions::max_message bytes, without its
/// events and values and with `"shortened":true`. An error (Errc::bad_data) where the row is no alert, (Errc::limit) where it is
/// too long even so.
[[nodiscard]] Result<std::string> syslog_message(const SyslogOptions& options, std::string_view host,
                                                 const state::OutboxRow& row);

}  // namespace tocsin::delivery

#pragma once

#include <string>

#include <tocsin/alerts/alert.hpp>

namespace tocsin::alerts {

/// The one JSON form of what leaves the engine: one object on one line, members in the order of docs/language.md,
/// without a line end. Two equal values give the same bytes. `omitted` (steps with events left out) and `shadow` appear
/// only where there is something to say.
void append_json(std::string& out, const Alert& alert);
void append_json(std::string& out, const LateRecord& record);
void append_json(std::string& out, const Output& output);

}  // namespace tocsin::alerts

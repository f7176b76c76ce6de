#include <tocsin/alerts/names.hpp>

namespace tocsin::alerts {

std::string_view op_name(Op op) {
    switch (op) {
        case Op::retract: return "retract";
        case Op::alert: return "alert";
        case Op::correct: return "correct";
    }
    return "";
}

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::info: return "info";
        case Severity::low: return "low";
        case Severity::medium: return "medium";
        case Severity::high: return "high";
        case Severity::critical: return "critical";
    }
    return "";
}

}  // namespace tocsin::alerts

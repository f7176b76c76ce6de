#include "alert_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <tocsin/event/value.hpp>

namespace tocsin::delivery {

namespace {

namespace ondemand = simdjson::ondemand;

std::string text_member(ondemand::object& object, std::string_view name) {
    return std::string(object.find_field_unordered(name).get_string().value());
}

std::vector<NamedText> members(ondemand::object object) {
    std::vector<NamedText> out;
    for (auto field : object) {
        std::string name(field.unescaped_key().value());
        ondemand::value value = field.value();
        const bool is_string = value.type().value() == ondemand::json_type::string;
        out.push_back(
            {std::move(name), std::string(is_string ? value.get_string().value() : simdjson::to_json_string(value).value())});
    }
    return out;
}

AlertText read(ondemand::object alert) {
    AlertText out;
    out.id = text_member(alert, "id");
    out.op = text_member(alert, "op");
    out.rule = text_member(alert, "rule");
    out.version = text_member(alert, "version");
    out.severity = text_member(alert, "severity");
    out.labels_json = simdjson::to_json_string(alert.find_field_unordered("labels").get_object().value()).value();
    out.labels = members(alert.find_field_unordered("labels").get_object());
    out.key_json = simdjson::to_json_string(alert.find_field_unordered("key").get_object().value()).value();
    out.key = members(alert.find_field_unordered("key").get_object());
    out.time = text_member(alert, "time");
    out.first = text_member(alert, "first");
    out.last = text_member(alert, "last");
    out.values_json = simdjson::to_json_string(alert.find_field_unordered("values").get_object().value()).value();
    out.text = text_member(alert, "text");
    return out;
}

}  // namespace

Result<AlertText> read_alert(const state::OutboxRow& row) {
    try {
        ondemand::parser parser;
        const simdjson::padded_string padded(row.body);
        ondemand::document document = parser.iterate(padded);
        return read(document.get_object());
    } catch (const simdjson::simdjson_error& error) {
        return fail(Errc::bad_data, fmt::format("{} is not readable as an alert: {}", state::delivery_id(row), error.what()));
    }
}

std::string key_text(const AlertText& alert) {
    std::string out;
    for (const NamedText& part : alert.key) {
        out += fmt::format("{}{}={}", out.empty() ? "" : " ", part.name, part.text);
    }
    return out;
}

std::string cut(std::string_view text, std::size_t most) {
    constexpr std::string_view kMark = "…";
    if (text.size() <= most) {
        return std::string(text);
    }
    if (most < kMark.size()) {
        return {};
    }
    std::size_t end = most - kMark.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return std::string(text.substr(0, end)) + std::string(kMark);
}

std::string quoted(std::string_view text) {
    std::string out;
    event::append_json_string(out, text);
    return out;
}

}  // namespace tocsin::delivery

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <tocsin/base/time.hpp>

/// State as bytes. A class names its parts once, for both ways, in a member template (or a function beside it)
///
///     template <class Archive>
///     void archive(Archive& a) { a(first_, second_); }
///
/// and has them written by a StateWriter, or filled by a StateReader. The same state gives the same bytes: what has no order of its own
/// is written in the order of its keys.
namespace tocsin {

class StateWriter {
public:
    static constexpr bool kReads = false;

    /// Small numbers take one byte, any ten at most.
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) {
            bytes_ += static_cast<char>(0x80U | (value & 0x7fU));
        }
        bytes_ += static_cast<char>(value);
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_ += value;
    }
    template <class... Parts>
    void operator()(Parts&... parts);

    [[nodiscard]] const std::string& bytes() const { return bytes_; }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

/// Reads what a StateWriter wrote. After the first part that is not there all numbers are zero, all texts and containers empty, and ok() is
/// false: it never reads behind the end, and never makes room for more elements than there are bytes. That ids fit to what they
/// point into is not looked at: whoever keeps the bytes has a checksum over them.
class StateReader {
public:
    static constexpr bool kReads = true;

    explicit StateReader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (rest_.empty()) {
                fail();
                return 0;
            }
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        fail();
        return 0;
    }
    [[nodiscard]] std::string_view text() {
        const std::size_t size = count();
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    /// Of elements, each of which takes a byte at least.
    [[nodiscard]] std::size_t count() {
        const std::uint64_t size = number();
        if (size > rest_.size()) {
            fail();
            return 0;
        }
        return static_cast<std::size_t>(size);
    }
    template <class... Parts>
    void operator()(Parts&... parts);

    /// What was read makes no sense.
    void fail() {
        ok_ = false;
        rest_ = {};
    }
    [[nodiscard]] bool ok() const { return ok_; }
    /// Everything was there, and nothing more.
    [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_{true};
};

namespace archive_parts {

template <class T>
concept Sequence = requires(T& t) {
    t.emplace_back();
    t.clear();
};
template <class T>
concept Ordered = requires { typename T::key_compare; };
template <class T>
concept Unordered = requires { typename T::hasher; };
template <class T>
concept Mapping = requires { typename T::mapped_type; };
template <class Archive, class T>
concept HasMember = requires(Archive& a, T& value) { value.archive(a); };

template <class Archive, class T>
void part(Archive& a, T& value);
template <class Archive, class T>
void part(Archive& a, std::optional<T>& value);
template <class Archive, class First, class Second>
void part(Archive& a, std::pair<First, Second>& value);
template <class Archive, class T, std::size_t N>
void part(Archive& a, std::array<T, N>& values);
template <class Archive, class... Kinds>
void part(Archive& a, std::variant<Kinds...>& value);
template <class Archive, class... Parts>
void part(Archive& a, std::tuple<Parts...>& value);

template <class T>
void write_number(StateWriter& out, T value) {
    if constexpr (std::is_signed_v<T>) {
        // So that small negative numbers are short, too.
        const auto wide = static_cast<std::int64_t>(value);
        out.number((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
        out.number(static_cast<std::uint64_t>(value));
    }
}

template <class T>
T read_number(StateReader& in) {
    const std::uint64_t read = in.number();
    if constexpr (std::is_signed_v<T>) {
        return static_cast<T>(static_cast<std::int64_t>((read >> 1) ^ (~(read & 1) + 1)));
    } else {
        return static_cast<T>(read);
    }
}

template <class Archive, class T>
void number(Archive& a, T& value) {
    if constexpr (Archive::kReads) {
        value = read_number<T>(a);
    } else {
        write_number(a, value);
    }
}

/// Of a type that is made of a number, and gives it back.
template <class Archive, class T, class Make, class Number>
void made_of(Archive& a, T& value, Make make, Number of) {
    auto inner = of(value);
    part(a, inner);
    value = make(inner);
}

template <class Archive, class T>
void sequence(Archive& a, T& values) {
    if constexpr (Archive::kReads) {
        values.clear();
        for (std::size_t left = a.count(); left > 0 && a.ok(); --left) {
            if constexpr (std::is_same_v<typename T::value_type, bool>) {
                bool value = false;
                part(a, value);
                values.push_back(value);
            } else {
                part(a, values.emplace_back());
            }
        }
    } else {
        a.number(values.size());
        for (auto&& value : values) {
            if constexpr (std::is_same_v<typename T::value_type, bool>) {
                bool one = value;
                part(a, one);
            } else {
                part(a, value);
            }
        }
    }
}

template <class Archive, class Key, class Mapped>
void entry(Archive& a, Key& key, Mapped& mapped) {
    part(a, key);
    part(a, mapped);
}

template <class T>
void write_keyed(StateWriter& out, T& values) {
    out.number(values.size());
    const auto write = [&](auto& one) {
        if constexpr (Mapping<T>) {
            auto key = one.first;
            entry(out, key, one.second);
        } else {
            auto key = one;
            part(out, key);
        }
    };
    if constexpr (Unordered<T>) {
        std::vector<typename T::value_type*> sorted;
        for (auto& one : values) {
            sorted.push_back(&one);
        }
        std::sort(sorted.begin(), sorted.end(), [](const auto* x, const auto* y) { return x->first < y->first; });
        for (auto* const one : sorted) {
            write(*one);
        }
    } else {
        for (auto& one : values) {
            write(one);
        }
    }
}

template <class T>
void read_keyed(StateReader& in, T& values) {
    values.clear();
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
        typename T::key_type key{};
        if constexpr (Mapping<T>) {
            typename T::mapped_type mapped{};
            entry(in, key, mapped);
            if constexpr (Ordered<T>) {
                values.emplace_hint(values.end(), std::move(key), std::move(mapped));
            } else {
                values.emplace(std::move(key), std::move(mapped));
            }
        } else {
            part(in, key);
            values.insert(values.end(), std::move(key));
        }
    }
}

template <class Archive, class T>
void part(Archive& a, std::optional<T>& value) {
    bool there = value.has_value();
    part(a, there);
    if constexpr (Archive::kReads) {
        value.reset();
        if (there && a.ok()) {
            value.emplace();
        }
    }
    if (value) {
        part(a, *value);
    }
}

template <class Archive, class First, class Second>
void part(Archive& a, std::pair<First, Second>& value) {
    entry(a, value.first, value.second);
}

template <class Archive, class... Parts>
void part(Archive& a, std::tuple<Parts...>& value) {
    std::apply([&](auto&... parts) { (part(a, parts), ...); }, value);
}

template <class Archive, class T, std::size_t N>
void part(Archive& a, std::array<T, N>& values) {
    for (T& value : values) {
        part(a, value);
    }
}

template <std::size_t Index, class... Kinds>
bool begin_kind(std::variant<Kinds...>& value, std::size_t kind) {
    if constexpr (Index < sizeof...(Kinds)) {
        if (kind == Index) {
            value.template emplace<Index>();
            return true;
        }
        return begin_kind<Index + 1>(value, kind);
    }
    return false;
}

template <class Archive, class... Kinds>
void part(Archive& a, std::variant<Kinds...>& value) {
    std::size_t kind = value.index();
    part(a, kind);
    if constexpr (Archive::kReads) {
        if (!begin_kind<0>(value, kind)) {
            a.fail();
        }
    }
    std::visit(
        [&](auto& held) {
            if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(held)>, std::monostate>) {
                part(a, held);
            }
        },
        value);
}

template <class Archive, class T>
void part(Archive& a, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        std::uint8_t byte = value ? 1 : 0;
        number(a, byte);
        value = byte != 0;
    } else if constexpr (std::is_enum_v<T>) {
        auto under = static_cast<std::underlying_type_t<T>>(value);
        number(a, under);
        value = static_cast<T>(under);
    } else if constexpr (std::is_integral_v<T>) {
        number(a, value);
    } else if constexpr (std::is_same_v<T, double>) {
        made_of(
            a, value, [](std::uint64_t bits) { return std::bit_cast<double>(bits); },
            [](double x) { return std::bit_cast<std::uint64_t>(x); });
    } else if constexpr (std::is_same_v<T, EventTime>) {
        made_of(a, value, [](std::int64_t micros) { return EventTime(micros); }, [](EventTime time) { return time.micros(); });
    } else if constexpr (std::is_same_v<T, Duration>) {
        made_of(
            a, value, [](std::int64_t micros) { return Duration(micros); },
            [](Duration duration) -> std::int64_t { return duration.count(); });
    } else if constexpr (std::is_same_v<T, std::string>) {
        if constexpr (Archive::kReads) {
            value = a.text();
        } else {
            a.text(value);
        }
    } else if constexpr (HasMember<Archive, T>) {
        value.archive(a);
    } else if constexpr (Sequence<T>) {
        sequence(a, value);
    } else if constexpr (Ordered<T> || Unordered<T>) {
        if constexpr (Archive::kReads) {
            read_keyed(a, value);
        } else {
            write_keyed(a, value);
        }
    } else {
        archive(a, value);  // beside the type
    }
}

}  // namespace archive_parts

template <class... Parts>
void StateWriter::operator()(Parts&... parts) {
    (archive_parts::part(*this, parts), ...);
}
template <class... Parts>
void StateReader::operator()(Parts&... parts) {
    (archive_parts::part(*this, parts), ...);
}

/// For a class with a base that is saved and restored without knowing what it is.
template <class Own, class Base>
class Archived : public Base {
public:
    using Base::Base;
    void save(StateWriter& out) final { static_cast<Own*>(this)->archive(out); }
    void restore(StateReader& in) final { static_cast<Own*>(this)->archive(in); }
};

}  // namespace tocsin

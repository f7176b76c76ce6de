#pragma once

#include <map>
#include <string>
#include <vector>

#include "token_reader.hpp"

namespace reference {

class PatternParser {
   public:
    PatternParser(TokenReader& in, Rule& rule, std::vector<std::string>& step_stream_names)
        : in_(in), rule_(rule), step_stream_names_(step_stream_names) {}

    NodePtr pattern();
    EventSpec event();

   private:
    NodePtr node(Node::Kind kind);
    NodePtr part();
    NodePtr item();
    NodePtr every_order(const std::vector<NodePtr>& items);
    void times(Node& loop);
    int step_number(const std::string& name, const std::string& stream);

    TokenReader& in_;
    Rule& rule_;
    std::vector<std::string>& step_stream_names_;
    std::map<std::string, int> unnamed_;
    int next_id_ = 0;
};

}  // namespace reference

package tocsin.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a workload's NDJSON. */
final class Events {
    private Events() {}

    static Event[] read(Path file) throws IOException {
        List<Event> events = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20);
                JsonParser parser = new JsonFactory().createParser(in)) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Event event = new Event();
                event.line = events.size() + 1;
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    set(event, name, parser);
                }
                events.add(event);
            }
        }
        return events.toArray(new Event[0]);
    }

    private static void set(Event event, String name, JsonParser parser) throws IOException {
        switch (name) {
            case "ts_ms":
                event.ts = parser.getLongValue();
                break;
            case "ts":
                if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                    event.ts = parser.getLongValue();
                }
                break;
            case "type":
                event.type = parser.getText();
                break;
            case "src_ip":
            case "k":
            case "name":
            case "order_id":
                event.key = parser.getText();
                break;
            case "v":
                event.value = parser.getText();
                break;
            case "price":
                event.price = parser.getDoubleValue();
                break;
            case "volume":
                event.volume = parser.getIntValue();
                break;
            default:
                parser.skipChildren();
        }
    }
}
